import { driftTransition } from '#src/monitoring/drift-transitions.js';
import type { DriftFindings, DriftState, DriftStatus } from '#src/monitoring/monitor.js';

const AT = '2026-05-01T00:00:00.000Z';
const state = (status: DriftStatus): DriftState => ({ status, since: '2026-04-01T00:00:00.000Z', runId: 'mon_0' });
const monitor = (inputs: DriftStatus, error: DriftStatus) => ({
  endpoint: 'load',
  inputs: state(inputs),
  error: state(error),
});
const findings = (inputs: DriftStatus, error: DriftStatus): DriftFindings => ({
  model: 'load',
  modelVersion: 3,
  datasetVersion: 2,
  predictions: 7,
  inputs: {
    status: inputs,
    compared: 1,
    findings: [
      {
        asset: 'A',
        of: 'values',
        source: 'dataset',
        count: 120,
        effectiveCount: 40,
        psi: 0.5,
        ks: { statistic: 0.4, pValue: 1e-5 },
        isDrift: inputs === 'drifted',
      },
    ],
  },
  error: {
    status: error,
    compared: 1,
    findings: [
      {
        asset: 'A',
        measure: 'mae',
        count: 30,
        recent: 4,
        reference: 2,
        ratio: 2,
        pValue: 1e-4,
        isDrift: error === 'drifted',
      },
    ],
  },
});

describe('what a run tells', () => {
  it('tells of drift when it begins, with numbers', () => {
    const { change, events } = driftTransition(monitor('unknown', 'ok'), findings('drifted', 'drifted'), 'mon_1', AT);
    const now = { status: 'drifted', since: AT, runId: 'mon_1' };
    expect(change).toEqual({ inputs: now, error: now });
    expect(events.map(({ type }) => type)).toEqual(['drift.inputs', 'drift.error']);
    expect(events[0]).toMatchObject({
      actor: 'monitor',
      endpoint: 'load',
      model: 'load',
      modelVersion: 3,
      reason: 'values of A in 120 new rows of the dataset: PSI 0.500, KS 0.400 (p 0.000010)',
      data: { runId: 'mon_1', drifted: 1 },
    });
    expect(events[1]?.reason).toBe('mae of A 4.000 over 30 forecasts, 2.000 in the test part, 2.00 times');
  });

  it('tells once while it lasts, and leaves what it cannot tell', () => {
    const lasting = driftTransition(monitor('drifted', 'drifted'), findings('drifted', 'unknown'), 'mon_2', AT);
    expect(lasting).toEqual({ change: {}, events: [] });
  });

  it('tells when it ends, and nothing of a first look that finds nothing', () => {
    const { change, events } = driftTransition(monitor('unknown', 'drifted'), findings('ok', 'ok'), 'mon_3', AT);
    expect(change.inputs).toEqual({ status: 'ok', since: AT, runId: 'mon_3' });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      type: 'drift.recovered',
      reason: 'the drift of error since 2026-04-01T00:00:00.000Z is over',
      data: { kind: 'error', runId: 'mon_3', drift: { runId: 'mon_0' } },
    });
  });
});
