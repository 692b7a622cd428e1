import fc from 'fast-check';
import { canonicalJson } from '#src/ml/export/canonical-json.js';
import { gapExamples, largeGaps, openGapForecast, type GapClassifier } from '#src/ml/gaps/gap-classifier.js';
import { gapCycles, gapFeatures } from '#src/ml/gaps/gap-features.js';
import { trainGapClassifier, type TrainedGapClassifier } from '#src/ml/gaps/train-gap-classifier.js';
import { areaUnderCurve } from '#src/ml/metrics/binary-metrics.js';
import { DAY_MS, HOUR_MS, regularTimes, seededUniform } from '../../../support/series.js';

/** Hourly rows, missing by a known process. */

const ROWS = 3_000;
const LOOK_BACK = 48;
const HORIZON = 12;
const times = regularTimes(ROWS, HOUR_MS);
const calendar = { unit: 'milliseconds', step: HOUR_MS, weekdays: [0, 1, 2, 3, 4, 5, 6], irregular: false } as const;
const parts = {
  train: { start: 0, end: 2_000 },
  validation: { start: 2_000, end: 2_500 },
  test: { start: 2_500, end: ROWS },
};

/** Every night from 22 to 6 with probability 0.9, else 0.05. */
const nightly = (time: number): number =>
  [22, 23, 0, 1, 2, 3, 4, 5].includes(new Date(time).getUTCHours()) ? 0.9 : 0.05;
/** Mondays are missing, and hardly anything else. */
const mondays = (time: number): number => (new Date(time).getUTCDay() === 1 ? 0.95 : 0.02);

function presenceOf(probability: (time: number) => number, seed: number): Uint8Array {
  const uniform = seededUniform(seed);
  return Uint8Array.from(times, (time, row) => (row === 0 || uniform() >= probability(time) ? 1 : 0));
}

function train(present: Uint8Array, smallGapRows = 5, seed = 7): TrainedGapClassifier | null {
  const data = { times, lookBack: LOOK_BACK, horizon: HORIZON, targets: { names: ['a'], observed: [present] } };
  const training = trainGapClassifier(data, { calendar, smallGapRows }, parts, seed);
  let step = training.next();
  while (step.done !== true) step = training.next();
  return step.value;
}

const laterExamples = [parts.validation, parts.test].flatMap(({ start, end }) =>
  gapExamples({ from: start - 1, firstTarget: start, end }, HORIZON, { maximum: 1e6, seed: 1 }),
);

describe.each([
  ['nights', nightly, 3],
  ['Mondays', mondays, 4],
])('rows that are missing by a known process: %s', (_name, probability, seed) => {
  const present = presenceOf(probability, seed);
  const trained = train(present)!;
  const [evaluation] = trained.evaluations;
  const labels = Uint8Array.from(laterExamples, ({ origin, step }) => 1 - present[origin + step]!);

  it('are told apart nearly as well as by the process itself', () => {
    const truth = Float64Array.from(laterExamples, ({ origin, step }) => probability(times[origin + step]!));
    const best = areaUnderCurve(truth, labels)!;
    expect(best).toBeGreaterThan(0.85);
    expect(Math.abs(evaluation!.later!.auc! - best)).toBeLessThan(0.03);
    expect(evaluation!.fromObserved!.auc!).toBeGreaterThan(0.8);
  });

  it('have probabilities far better than the base rate, whose numbers are told', () => {
    const { later, largeGaps: gaps, trainExamples } = evaluation!;
    const missing = labels.reduce((sum, label) => sum + label, 0);
    expect(later).toMatchObject({ rows: 1_000, examples: laterExamples.length });
    expect(later!.baseRate).toBeCloseTo(missing / labels.length, 12);
    expect(later!.baseBrier).toBeGreaterThanOrEqual(later!.baseRate * (1 - later!.baseRate) - 1e-12);
    expect(later!.brier).toBeLessThan(0.65 * later!.baseBrier);
    expect(gaps).toBeGreaterThan(5);
    expect(trainExamples).toBe(8_000);
  });

  it('are calibrated', () => {
    const forecast = openGapForecast(trained.classifier!, 'a', present)!;
    for (const likely of [true, false]) {
      const of = laterExamples.filter(({ origin, step }) => probability(times[origin + step]!) > 0.5 === likely);
      const mean = of.reduce((sum, one) => sum + forecast(one, times[one.origin + one.step]!), 0) / of.length;
      expect(Math.abs(mean - probability(times[of[0]!.origin + of[0]!.step]!))).toBeLessThan(0.12);
    }
  });
});

describe('what a probability depends on', () => {
  const present = presenceOf(nightly, 11);
  const trained = train(present)!;

  it('is nothing after its origin, and nothing before its look-back', () => {
    const forecast = openGapForecast(trained.classifier!, 'a', present)!;
    fc.assert(
      fc.property(fc.integer({ min: LOOK_BACK - 1, max: ROWS - HORIZON - 1 }), fc.integer(), (origin, seed) => {
        const uniform = seededUniform(seed);
        const first = origin - LOOK_BACK + 1;
        const changed = present.map((one, row) => (row > origin || row < first ? Number(uniform() < 0.5) : one));
        const others = [
          [openGapForecast(trained.classifier!, 'a', changed)!, origin],
          [openGapForecast(trained.classifier!, 'a', present.slice(first, origin + 1))!, LOOK_BACK - 1],
        ] as const;
        for (let step = 1; step <= HORIZON; step++) {
          const time = times[origin + step]!;
          const expected = forecast({ origin, step }, time);
          for (const [other, at] of others) expect(other({ origin: at, step }, time)).toBe(expected);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is the train part alone: what comes later changes no weight', () => {
    const uniform = seededUniform(2);
    const changed = present.map((one, row) => (row < parts.train.end ? one : Number(uniform() < 0.5)));
    expect(canonicalJson(train(changed)!.classifier)).toBe(canonicalJson(trained.classifier));
  });

  it('survives JSON, and is the same bytes from the same seed', () => {
    const text = canonicalJson(trained.classifier);
    const restored = JSON.parse(text) as GapClassifier;
    expect(canonicalJson(restored)).toBe(text);
    expect(canonicalJson(train(present)!.classifier)).toBe(text);
    const [before, after] = [trained.classifier!, restored].map((one) => openGapForecast(one, 'a', present)!);
    for (const example of laterExamples.slice(0, 200)) {
      const time = times[example.origin + example.step]!;
      expect(after!(example, time)).toBe(before!(example, time));
    }
  });
});

describe('no classifier', () => {
  it('is trained without a large gap in the train part, also if there is one later', () => {
    const present = new Uint8Array(ROWS).fill(1).fill(0, 2_100, 2_700).fill(0, 500, 505);
    expect(train(present)).toBeNull();
  });

  it('is learned from one gap, and that is told', () => {
    const present = new Uint8Array(ROWS).fill(1).fill(0, 500, 505);
    expect(train(present, 4)).toEqual({ classifier: null, evaluations: [], untrained: ['a'] });
  });

  it('is opened for a target that has none', () => {
    const { classifier } = train(presenceOf(nightly, 3))!;
    expect(openGapForecast(classifier!, 'b', new Uint8Array(100))).toBeNull();
  });
});

it('finds the runs that are longer than small ones, not the time before a series begins', () => {
  const present = Uint8Array.from('0001110011000100'.split('').map(Number));
  expect(largeGaps(present, { start: 0, end: 16 }, 1)).toEqual([
    { start: 6, end: 8 },
    { start: 10, end: 13 },
    { start: 14, end: 16 },
  ]);
  expect(largeGaps(present, { start: 0, end: 16 }, 2)).toEqual([{ start: 10, end: 13 }]);
  expect(largeGaps(new Uint8Array(9), { start: 0, end: 9 }, 1)).toEqual([]);
});

it.each([
  ['hours over three weeks', HOUR_MS, 21, 12, ['day', 'week'], 6 + 8 + 5 + 6],
  ['hours over two weeks', HOUR_MS, 14, 12, ['day'], 6 + 5 + 6],
  ['days, one ahead', DAY_MS, 100, 1, ['week'], 8 + 5],
  ['weeks', 7 * DAY_MS, 900, 12, [], 5 + 6],
] as const)('has the features that a step and a horizon allow: %s', (_, step, days, horizon, expected, count) => {
  const cycles = gapCycles({ unit: 'milliseconds', step }, days * DAY_MS);
  expect(cycles).toEqual(expected);
  const names = gapFeatures({ lookBack: 200, horizon, cycles }).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toHaveLength(count);
});
