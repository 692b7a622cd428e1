import { evaluate } from '#src/ml/evaluation/evaluate.js';
import { evaluateModel } from '#src/ml/evaluation/report.js';
import { resolveChain } from '#src/ml/transforms/resolve-chain.js';
import { ErrorSums } from '#src/ml/metrics/point-metrics.js';
import type { PartEvaluation } from '#src/ml/evaluation/evaluation-report.js';
import { example, forecasterOf, HOUR_MS, START, type Example } from './windowed-example.js';

/** A season of 4 with noise that repeats after 7 rows: neither baseline is perfect. */
function wave(rows: number, size = 1): number[] {
  const season = [0, 3, 1, -2];
  return Array.from({ length: rows }, (_, row) => size * (10 + season[row % 4]! + ((row * 3) % 7) / 4));
}

function perfect({ data }: Example) {
  return forecasterOf(data, (origin, step, target) => data.targets.columns[target]![origin + step]!);
}

function naive({ data }: Example) {
  return forecasterOf(data, (origin, _step, target) => data.targets.columns[target]![origin]!);
}

async function score(made: Example, forecaster = naive(made)): Promise<PartEvaluation> {
  const scored = await evaluate(made.data, made.fitted, forecaster, 'test');
  if (scored === null) throw new Error('nothing was scored');
  return scored;
}

describe('evaluate', () => {
  it('gives the numbers computed by hand, in both units', async () => {
    // rows 0…9; train 0…5, no validation, test 6…9; min-max over train: x / 10
    const made = example({
      series: { a: [0, 10, 4, 6, 0, 10, 5, 8, 2, 9] },
      lookBack: 2,
      horizon: 2,
      seasonLength: 4,
      transform: 'min-max',
      validationShare: 0,
    });
    expect([...made.data.origins.test]).toEqual([5, 6, 7]);
    const scored = await score(
      made,
      forecasterOf(made.data, () => 0.6),
    );
    // forecast 6 of rows 6 7 | 7 8 | 8 9 = 5 8 | 8 2 | 2 9
    expect(scored.model.original).toEqual({
      count: 6,
      mse: (1 + 4 + 4 + 16 + 16 + 9) / 6,
      mae: (1 + 2 + 2 + 4 + 4 + 3) / 6,
      rmse: Math.sqrt(50 / 6),
      smape: expect.closeTo((200 * (1 / 11 + 2 / 14 + 2 / 14 + 4 / 8 + 4 / 8 + 3 / 15)) / 6, 10) as number,
      // in-sample seasonal differences with season 4: |0 - 0|, |10 - 10| = 0
      mase: null,
      rmsse: null,
      // step 1: 5 8 2, mean 5; step 2: 8 2 9, mean 19/3
      r2: expect.closeTo(1 - 50 / (18 + 258 / 9), 12) as number,
      // down from 10, up from 5, down from 8: right for rows 6 7 | 7 | 8
      directionalAccuracy: 4 / 6,
    });
    expect(scored.model.scaled.mae).toBeCloseTo(16 / 60, 14);
    // naive: 10 10 | 5 5 | 8 8
    expect(scored.naive.original.mae).toBe((5 + 2 + 3 + 3 + 6 + 1) / 6);
    // seasonal naive, four rows back: 4 6 | 6 0 | 0 10
    expect(scored.seasonalNaive.original.mae).toBe((1 + 2 + 2 + 2 + 2 + 1) / 6);
    expect(scored.skill.naive.mae).toBeCloseTo(1 - 16 / 20, 14);
    expect(scored.skill.seasonalNaive.mae).toBeCloseTo(1 - 16 / 10, 14);
    expect(scored.hasSkill).toBe(false);
    expect(scored.windows).toBe(3);
    expect(scored.from).toBe('2024-01-01T06:00:00.000Z');
    expect(scored.to).toBe('2024-01-01T09:00:00.000Z');
    expect(scored.perStep.map(({ step, model }) => [step, model.count])).toEqual([
      [1, 3],
      [2, 3],
    ]);
    // step 1: rows 6 7 8
    expect(scored.perStep[0]!.model.mae).toBeCloseTo((0.1 + 0.2 + 0.4) / 3, 14);
  });

  it('gives a perfect forecast no error and full skill, and a naive one exactly no skill', async () => {
    const made = example({ series: { a: wave(100), b: wave(100, 50) } });
    const best = await score(made, perfect(made));
    expect(best.model.scaled.mse).toBe(0);
    expect(best.model.original.mae).toBe(0);
    expect(best.skill.naive).toEqual({ mae: 1, rmse: 1 });
    expect(best.hasSkill).toBe(true);
    const plain = await score(made);
    expect(plain.model).toEqual(plain.naive);
    expect(plain.skill.naive).toEqual({ mae: 0, rmse: 0 });
    expect(plain.hasSkill).toBe(false);
    expect(best.significance.naive!.pValue).toBeLessThan(1e-6);
    expect(plain.significance.naive).toEqual({ count: 19, meanDifference: 0, statistic: null, pValue: 1 });
  });

  it('scores against the same baselines whatever the target transform, in deviations where it takes changes', async () => {
    const plain = example({ series: { a: wave(100), b: wave(100, 50) }, transform: 'standard' });
    const ofValues = await score(plain);
    const chain = resolveChain(['log', 'difference', 'standard'], 'scaling.targets');
    const made = example({ series: { a: wave(100), b: wave(100, 50) }, transform: chain });
    // No change at all, in scaled units: the naive forecast.
    const noChange = made.fitted.targets.map((target) => {
      const { mean, deviation } = target.further![1]!.state as { mean: number; deviation: number };
      return -mean / deviation;
    });
    const ofChanges = await score(
      made,
      forecasterOf(made.data, (_origin, _step, target) => noChange[target]!),
    );
    for (const forecast of ['naive', 'seasonalNaive'] as const) {
      expect(ofChanges[forecast].original.mae).toBeCloseTo(ofValues[forecast].original.mae, 10);
      for (const asset of ofChanges.perAsset) {
        const { original, scaled } = asset[forecast];
        expect(scaled.mae).toBeCloseTo(original.mae / asset.trainDeviation, 12);
        expect(scaled.rmse).toBeCloseTo(original.rmse / asset.trainDeviation, 12);
      }
    }
    expect(ofChanges.model.original.mae).toBeCloseTo(ofValues.naive.original.mae, 10);
    expect(ofChanges.model.scaled.mse).toBeCloseTo(ofChanges.naive.scaled.mse, 10);
    expect(ofChanges.skill.naive.mae).toBeCloseTo(0, 10);
    const perfectChanges = await score(made, perfect(made));
    expect(perfectChanges.model.original.mae).toBeLessThan(1e-10);
  });

  it('weighs assets by their own spread, not by their units', async () => {
    const better = (data: Example['data']) =>
      forecasterOf(data, (origin, step, target) =>
        // perfect for the small asset, naive for the large one
        target === 0 ? data.targets.columns[0]![origin + step]! : data.targets.columns[1]![origin]!,
      );
    const equal = example({ series: { small: wave(100), large: wave(100) } });
    const unequal = example({ series: { small: wave(100), large: wave(100, 1_000) }, transform: 'none' });
    const [first, second] = [await score(equal, better(equal.data)), await score(unequal, better(unequal.data))];
    expect(second.skill.naive.mae).toBeCloseTo(first.skill.naive.mae!, 10);
    expect(second.perAsset.map(({ skill }) => skill.naive.mae)).toEqual([1, 0]);
    expect(second.perAsset[1]!.trainDeviation / second.perAsset[0]!.trainDeviation).toBeCloseTo(1_000, 8);
    // pooled in original units the large asset alone would decide
    expect(1 - second.model.original.mae / second.naive.original.mae).toBeLessThan(0.01);
    expect(first.skill.naive.mae).toBeCloseTo(0.5, 10);
  });

  it('agrees with itself: assets and steps add up to the whole', async () => {
    const made = example({ series: { a: wave(100), b: wave(100, 3) }, horizon: 3 });
    const scored = await score(made);
    const { count, mae, mse } = scored.model.scaled;
    expect(count).toBe(scored.windows * 3 * 2);
    const mean = (parts: readonly { count: number; value: number }[]): number =>
      parts.reduce((sum, part) => sum + part.count * part.value, 0) / count;
    const ofAssets = scored.perAsset.map(({ model }) => model.scaled);
    const ofSteps = scored.perStep.map(({ model }) => model);
    for (const parts of [ofAssets, ofSteps]) {
      expect(mean(parts.map((part) => ({ count: part.count, value: part.mae })))).toBeCloseTo(mae, 12);
      expect(mean(parts.map((part) => ({ count: part.count, value: part.mse })))).toBeCloseTo(mse, 12);
    }
    expect(scored.model.original.mase).toBeCloseTo(
      (scored.perAsset[0]!.model.original.mase! + scored.perAsset[1]!.model.original.mase!) / 2,
      12,
    );
  });

  it('scores observed rows only', async () => {
    const series = wave(100);
    const whole = await score(example({ series: { a: series } }));
    const made = example({ series: { a: series } });
    // imputed: the model sees a value, the score does not
    made.data.targets.observed[0]![90] = 0;
    const scored = await score(made);
    expect(whole.model.original.count - scored.model.original.count).toBe(2);
    const rewritten = example({ series: { a: series.map((value, row) => (row === 99 ? NaN : value)) } });
    const masked = await score(rewritten);
    expect(whole.model.original.count - masked.model.original.count).toBe(1);
  });

  it('names assets that were not observed in the part, and says null when none was', async () => {
    const made = example({ series: { a: wave(100), b: wave(100) } });
    made.data.targets.observed[1]!.fill(0, 80);
    const scored = await score(made);
    expect(scored.unscoredAssets).toEqual(['b']);
    expect(scored.perAsset.map(({ asset }) => asset)).toEqual(['a']);
    expect(JSON.parse(JSON.stringify(scored))).toEqual(scored);
    made.data.targets.observed[0]!.fill(0, 80);
    expect(await evaluate(made.data, made.fitted, naive(made), 'test')).toBeNull();
  });

  it('gives, in blocks of bounded size, the bits of all forecasts at once', async () => {
    const made = example({ series: { a: wave(6_000) }, lookBack: 1, horizon: 1 });
    const { columns } = made.data.targets;
    const forecast = (origin: number): number => columns[0]![origin]! / 3;
    const blocks: number[] = [];
    const scored = await score(made, {
      forecast: (inputs, origins) => {
        blocks.push(origins.length);
        return forecasterOf(made.data, forecast).forecast(inputs, origins);
      },
      dispose: () => {},
    });
    expect(blocks).toEqual([1_024, 176]);
    const sums = new ErrorSums(1);
    for (const origin of made.data.origins.test) {
      sums.add(0, columns[0]![origin + 1]!, forecast(origin), columns[0]![origin]);
    }
    const { mase, rmsse } = scored.model.scaled;
    expect(scored.model.scaled).toEqual({ ...sums.metrics([0], () => null), mase, rmsse });
  });

  it('refuses forecasts that are not finite, saying where', async () => {
    const made = example({ series: { a: wave(100), b: wave(100) } });
    const at = made.data.origins.test[3]!;
    const bad = forecasterOf(made.data, (origin, step, target) =>
      origin === at && step === 2 && target === 1 ? NaN : 0,
    );
    await expect(score(made, bad)).rejects.toMatchObject({
      code: 'FORECAST_NOT_FINITE',
      message: expect.stringMatching(/^the forecast of b at .*, step 2, is NaN/) as string,
      details: { asset: 'b', step: 2, origin: new Date(START + at * HOUR_MS).toISOString() },
    });
    const huge = forecasterOf(made.data, () => 1e200);
    await expect(score(made, huge)).rejects.toMatchObject({
      code: 'FORECAST_NOT_FINITE',
      message: expect.stringMatching(/^the mean squared error is Infinity/) as string,
    });
  });

  it('refuses a target that is constant in the train part', async () => {
    const made = example({ series: { a: wave(50).map((value, row) => (row < 30 ? 5 : value)) } });
    await expect(score(made)).rejects.toMatchObject({ code: 'SERIES_CONSTANT', details: { asset: 'a' } });
  });

  it('ends within a block of being cancelled', async () => {
    const made = example({ series: { a: wave(100) } });
    const watched = { isCancelled: () => true, breathe: async () => {}, onProgress: () => {} };
    await expect(evaluate(made.data, made.fitted, naive(made), 'test', watched)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});

describe('evaluateModel', () => {
  it('reports both parts and progress over both', async () => {
    const made = example({ series: { a: wave(100) } });
    const fractions: number[] = [];
    const { report, intervals } = await evaluateModel(made.data, made.fitted, naive(made), {
      isCancelled: () => false,
      breathe: async () => {},
      onProgress: (fraction) => fractions.push(fraction),
    });
    expect(report).toMatchObject({ format: 1, lookBack: 3, horizon: 2, seasonLength: 4 });
    expect(report.validation!.part).toBe('validation');
    expect(report.test!.part).toBe('test');
    expect(fractions).toEqual([0.5, 1]);
    expect(intervals).toBeNull();
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('reports null for a part without windows', async () => {
    const made = example({ series: { a: wave(100) }, validationShare: 0 });
    const { report } = await evaluateModel(made.data, made.fitted, naive(made));
    expect(report.validation).toBeNull();
    expect(report.test!.windows).toBe(39);
  });

  it('is not changed at or before a row by anything that comes after it', async () => {
    const made = example({ series: { a: wave(100) } });
    const changed = example({ series: { a: wave(100).map((value, row) => (row < 80 ? value : -value)) } });
    const before = await evaluate(made.data, made.fitted, naive(made), 'validation');
    expect(await evaluate(changed.data, changed.fitted, naive(changed), 'validation')).toEqual(before);
  });
});
