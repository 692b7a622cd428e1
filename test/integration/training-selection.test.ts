import type { ImportanceReport } from '#src/ml/explain/feature-importance.js';
import { applyProcessing } from '#src/ml/processing/apply-processing.js';
import type { FittedProcessing } from '#src/ml/processing/processing-plan.js';
import { TrainingHost } from '#src/training/training-host.js';
import { artifactOf, digestsOf, exampleFrames, examplePlan, logsOf, train } from '../support/training-example.js';

const host = new TrainingHost();
afterAll(() => host.close());

const plan = examplePlan((builder) =>
  builder
    .feature('sma', { window: 3 })
    .feature('sma', { window: 5 })
    .feature('rsi', { window: 9 })
    .feature('ema', { window: 12 })
    .feature('lags', { lags: [12, 18, 24] })
    .feature('calendar'),
);

describe('a training with a selection of columns', () => {
  const example = { algorithm: 'ridge', plan, adjust: { selection: { tolerance: 0.05 } } } as const;
  let trained: Awaited<ReturnType<typeof train>>;

  beforeAll(async () => {
    trained = await train(host, example);
  }, 240_000);

  const reportOf = () =>
    JSON.parse(
      Buffer.from(artifactOf(trained.result, 'feature-importance.json').content).toString(),
    ) as ImportanceReport;

  it('trains on the columns kept, says which went, and never drops the series of the targets', () => {
    const { selection } = reportOf();
    const { inputs } = trained.result.model;
    expect(inputs).toEqual(selection!.kept);
    expect(inputs.slice(0, 2)).toEqual(['north', 'south']);
    expect(selection!.dropped.length).toBeGreaterThan(0);
    expect(inputs.length + selection!.dropped.length).toBe(2 + 2 * 7 + 8);
    expect(selection!.lossOfKept).toBeLessThanOrEqual(1.05 * selection!.lossOfAll);
    expect(logsOf(trained.news).join('\n')).toContain(`keeps ${inputs.length} of 24 input columns`);
  });

  it('measures each column that is left, with its step and asset', () => {
    const { columns, windows, repeats } = reportOf();
    expect(columns.map(({ column }) => column).sort()).toEqual([...trained.result.model.inputs].sort());
    expect(columns.map(({ importance }) => importance)).toEqual(
      columns.map(({ importance }) => importance).sort((a, b) => b - a),
    );
    expect([windows, repeats]).toEqual([85, 3]);
    for (const { column, asset, step } of columns) {
      if (column === asset) expect(step).toBe('series');
      else if (asset === null) expect(step).toBe('calendar');
      else expect(column).toMatch(new RegExp(`^${asset}_${step === 'lags' ? 'LAG' : step.toUpperCase()}_`));
    }
  });

  it('processes new rows to the same columns online', () => {
    const { fitted } = trained.result;
    const online = JSON.parse(JSON.stringify(fitted)) as FittedProcessing;
    const { inputs } = applyProcessing(online, exampleFrames());
    expect(inputs.names).toEqual(trained.result.model.inputs);
    expect(online.targets.map(({ input }) => online.inputs[input]!.name)).toEqual(['north', 'south']);
  });

  it('gives the same bytes again', async () => {
    expect(digestsOf((await train(host, example)).result)).toEqual(digestsOf(trained.result));
  });
});
