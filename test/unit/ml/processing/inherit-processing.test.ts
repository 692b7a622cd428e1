import type { AutoencoderPlan } from '#src/ml/autoencoder/autoencoder-plan.js';
import { applyProcessing } from '#src/ml/processing/apply-processing.js';
import { fitProcessing, type FitOfProcessing } from '#src/ml/processing/fit-processing.js';
import { keepInputs } from '#src/ml/processing/keep-inputs.js';
import { prepareFrames } from '#src/ml/processing/prepare-frames.js';
import type { FittedProcessing, ProcessingPlan } from '#src/ml/processing/processing-plan.js';
import { failureOf } from '../../../support/failure-of.js';
import { assetFrame, planOf } from '../../../support/plans.js';
import { HOUR_MS, differingRows, randomWalk, regularTimes } from '../../../support/series.js';

const ROWS = 300;
const OLD_ROWS = 200;
const TIMES = regularTimes(ROWS, HOUR_MS);
const WALKS = [randomWalk(ROWS, 1, 50), randomWalk(ROWS, 2, 80), randomWalk(ROWS, 3, 30)];
const FEATURES = ['sma', 'rsi'].map((step) => ({ step, parameters: { window: 4 }, assets: ['a', 'b'] }));
const AUTOENCODER: AutoencoderPlan = {
  units: 2,
  hidden: [3],
  activation: 'tanh',
  series: false,
  replaces: true,
  optimizer: 'adam',
  loss: 'mse',
  epochs: 5,
  batchSize: 64,
  shuffle: false,
  learningRate: 0.01,
  patience: 0,
  minimumChange: 0,
  seed: 5,
};

const framesOf = (rows: number) =>
  WALKS.map((walk, at) => assetFrame('abc'[at]!, TIMES.slice(0, rows), walk.slice(0, rows)));

const prepared = (plan: ProcessingPlan, rows: number) => prepareFrames(plan, framesOf(rows));

const cases: readonly (readonly [string, Partial<ProcessingPlan>])[] = [
  ['scaled series and features', { features: FEATURES }],
  ['an autoencoder', { features: FEATURES, autoencoder: AUTOENCODER }],
  ['covariates that are known in advance', { knownFuture: { assets: ['c'], calendar: true } }],
  [
    'chains that depend on position',
    {
      scaling: {
        inputs: 'standard',
        targets: [
          { transform: 'difference', parameters: { lag: 1 } },
          { transform: 'standard', parameters: {} },
        ],
      },
    },
  ],
];

describe.each(cases)('a warm start with %s', (_name, changes) => {
  const plan = planOf(['a', 'b', 'c'], { targets: ['b'], ...changes });
  const origin = fitProcessing(plan, prepared(plan, OLD_ROWS));
  const warm = fitProcessing(plan, prepared(plan, ROWS), origin.fitted);
  const cold = fitProcessing(plan, prepared(plan, ROWS));

  it('gives every row that the origin saw the very numbers it saw', () => {
    const columns = ({ data }: FitOfProcessing) => [
      ...data.inputs.columns,
      ...data.targets.columns,
      ...(data.future?.columns ?? []),
    ];
    const [before, after, anew] = [columns(origin), columns(warm), columns(cold)];
    expect(after).toHaveLength(before.length);
    for (const [at, column] of before.entries()) {
      expect(differingRows(column, after[at]!.subarray(0, OLD_ROWS))).toEqual([]);
    }
    expect(after.some((column, at) => differingRows(column, anew[at] ?? column).length > 0)).toBe(true);
    expect(warm.autoencoder).toBeNull();
    expect(warm.data.inputs.names).toEqual(origin.data.inputs.names);
    expect(warm.data.origins.train.length).toBeGreaterThan(origin.data.origins.train.length);
  });

  it('serves with it: the input after the last row is that of the training', () => {
    const applied = applyProcessing(
      warm.fitted,
      framesOf(ROWS)
        .slice(0, changes.knownFuture ? 2 : 3)
        .concat(changes.knownFuture ? [knownFrame()] : []),
    );
    for (const [at, column] of applied.inputs.columns.entries()) {
      expect(differingRows(column.subarray(0, ROWS), warm.data.inputs.columns[at]!)).toEqual([]);
    }
  });
});

/** With the rows after the last one. */
function knownFrame() {
  const times = regularTimes(ROWS + 2, HOUR_MS);
  return assetFrame('c', times, [...WALKS[2]!, 1, 2]);
}

it('keeps the columns that were selected for the origin, and reads each target by its name', () => {
  const plan = planOf(['a', 'b', 'c'], { targets: ['b'], features: FEATURES });
  const origin = fitProcessing(plan, prepared(plan, OLD_ROWS));
  // Without a, the series of b is the first input and still the second series.
  const { fitted } = keepInputs(origin.fitted, origin.data, [1, 2, 5]);
  const { data } = fitProcessing(plan, prepared(plan, ROWS), fitted);
  expect(data.inputs.names).toEqual(['b', 'c', 'b_SMA_4']);
  expect(data.targets.inputs).toEqual([0]);
  expect(data.targets.original![0]).toEqual(WALKS[1]);
  expect(data.targets.observed[0]!.every((one) => one === 1)).toBe(true);
  expect(differingRows(data.targets.columns[0]!.subarray(0, OLD_ROWS), origin.data.targets.columns[0]!)).toEqual([]);
});

it('refuses a split in which the origin knows what would score it, also by what its own origin knew', () => {
  const ratio = (validation: number, test: number) => planOf(['a'], { split: { by: 'ratio', validation, test } });
  const old = fitProcessing(ratio(0.1, 0.1), prepared(planOf(['a']), OLD_ROWS)).fitted;
  const learned = { trainEnd: TIMES[159], validationEnd: TIMES[179] };
  expect(old.learned).toEqual(learned);
  const refit = (plan: ProcessingPlan, origin: FittedProcessing) => fitProcessing(plan, prepared(plan, ROWS), origin);
  // Train up to row 159, validation from row 160: the first that is not known.
  expect(refit(ratio(0.2, 0.267), old).fitted.learned).toEqual({
    trainEnd: TIMES[159],
    validationEnd: TIMES[219],
  });
  expect(failureOf(() => refit(ratio(0.2, 0.275), old))).toMatchObject({
    code: 'LOOK_AHEAD',
    details: {
      part: 'validation',
      begin: new Date(TIMES[158]!).toISOString(),
      learnedUntil: new Date(TIMES[159]!).toISOString(),
    },
  });
  // No validation part: the test part begins after the train part, and not after the rows that the epoch was chosen by.
  expect(failureOf(() => refit(ratio(0, 0.45), old))).toMatchObject({ code: 'LOOK_AHEAD', details: { part: 'test' } });
  const grandchild = { ...refit(ratio(0, 0.3), old).fitted };
  expect(grandchild.learned).toEqual({ trainEnd: TIMES[209], validationEnd: TIMES[209] });
  const again = refit(ratio(0, 0.3), { ...old, learned: grandchild.learned! });
  expect(again.fitted.learned).toEqual(grandchild.learned);
});
