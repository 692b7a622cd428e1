import type { NewEvent } from '../events/index.js';
import {
  DRIFT_KINDS,
  type DriftFindings,
  type DriftKind,
  type DriftState,
  type ErrorFinding,
  type InputFinding,
  type Monitor,
} from './monitor.js';

/** Who tells. */
export const MONITOR = 'monitor';

const NAMED = 5;

export interface DriftTransition {
  readonly change: Partial<Pick<Monitor, DriftKind>>;
  /** Told once, when it begins or ends. */
  readonly events: readonly NewEvent[];
}

/** What findings change of a monitor. What could not be told leaves everything as it was. */
export function driftTransition(
  monitor: Pick<Monitor, 'endpoint' | DriftKind>,
  findings: DriftFindings,
  runId: string,
  at: string,
): DriftTransition {
  const change: { inputs?: DriftState; error?: DriftState } = {};
  const events: NewEvent[] = [];
  for (const kind of DRIFT_KINDS) {
    const before = monitor[kind];
    const { status } = findings[kind];
    if (status === 'unknown' || status === before.status) continue;
    change[kind] = { status, since: at, runId };
    const { model, modelVersion } = findings;
    const told = { actor: MONITOR, endpoint: monitor.endpoint, model, modelVersion } as const;
    if (status === 'drifted') {
      const drifted = findings[kind].findings.filter(({ isDrift }) => isDrift === true);
      const reason = drifted.slice(0, NAMED).map(sentence).join('; ');
      const data = { runId, findings: drifted.slice(0, NAMED), drifted: drifted.length };
      events.push({ ...told, type: `drift.${kind}`, reason, data });
    } else if (before.status === 'drifted') {
      const reason = `the drift of ${kind} since ${before.since ?? 'the beginning'} is over`;
      events.push({ ...told, type: 'drift.recovered', reason, data: { kind, runId, drift: before } });
    }
  }
  return { change, events };
}

function sentence(finding: InputFinding | ErrorFinding): string {
  if ('measure' in finding) {
    const { asset, measure, recent, reference, ratio, count } = finding;
    const times = ratio === null ? '' : `, ${ratio.toFixed(2)} times`;
    return `${measure} of ${asset} ${recent.toPrecision(4)} over ${count} forecasts, ${reference.toPrecision(4)} in the test part${times}`;
  }
  const { asset, of, source, psi, ks, count } = finding;
  const place = source === 'dataset' ? 'new rows of the dataset' : 'windows of predictions';
  return `${of} of ${asset} in ${count} ${place}: PSI ${psi.toFixed(3)}, KS ${ks.statistic.toFixed(3)} (p ${ks.pValue.toPrecision(2)})`;
}
