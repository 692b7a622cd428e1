import { evaluate } from '#src/ml/evaluation/evaluate.js';
import type { Forecaster } from '#src/ml/algorithms/algorithm.js';
import { resolveChain } from '#src/ml/transforms/resolve-chain.js';
import { example, forecasterOf, type Example } from './windowed-example.js';

/** Train rows 0…5 change by 4 at each step; the forecasts of rows 6…9 are those of `FORECASTS`. */
const SERIES = [0, 4, 0, 4, 0, 4, 4, 5, 1, 1];
const FORECASTS: Readonly<Record<number, number>> = { 5: 6, 6: 4.5, 7: 3, 8: 1 };

function made(series: Readonly<Record<string, readonly number[]>> = { a: SERIES }): Example {
  return example({ series, lookBack: 2, horizon: 1, seasonLength: 1, transform: 'none', validationShare: 0 });
}

async function directions({ data, fitted }: Example, threshold: number | null, forecaster?: Forecaster) {
  const plan = { ...fitted.plan, ...(threshold === null ? {} : { directionThreshold: threshold }) };
  const scored = await evaluate(
    data,
    { ...fitted, plan },
    forecaster ?? forecasterOf(data, (origin, _step, target) => FORECASTS[origin]! * (target === 1 ? 50 : 1)),
    'test',
  );
  return scored!.direction;
}

describe('directions of forecasts', () => {
  it('are the numbers counted by hand', async () => {
    // The limit is 0.25 · 4 = 1. Changes 0, +1, −4, 0; forecast +2, +0.5, −2, 0.
    expect(await directions(made(), 0.25)).toEqual({
      threshold: 0.25,
      count: 4,
      hitRate: 3 / 4,
      majority: 'flat',
      majorityRate: 3 / 4,
      confusion: [
        [1, 0, 0],
        [0, 2, 1],
        [0, 0, 0],
      ],
      perAsset: [expect.objectContaining({ asset: 'a', count: 4, hitRate: 3 / 4 })],
    });
    // With the limit 0: flat, up, down, flat; forecast up, up, down, flat.
    expect(await directions(made(), 0)).toMatchObject({
      hitRate: 3 / 4,
      majority: 'flat',
      majorityRate: 2 / 4,
      confusion: [
        [1, 0, 0],
        [0, 1, 1],
        [0, 0, 1],
      ],
    });
  });

  it('are left out of a report that does not ask for them', async () => {
    expect(await directions(made(), null)).toBeUndefined();
  });

  it('are measured in the changes of each asset, whatever its units', async () => {
    const both = await directions(made({ a: SERIES, b: SERIES.map((value) => 50 * value) }), 0.25);
    expect(both).toMatchObject({ count: 8, hitRate: 3 / 4 });
    expect(both!.perAsset[1]).toEqual({ ...both!.perAsset[0], asset: 'b' });
  });

  it('count changes between observed values only', async () => {
    const example = made();
    example.data.targets.observed[0]![7] = 0;
    // Row 7 is the end of the second change and the origin of the third.
    expect(await directions(example, 0.25)).toMatchObject({ count: 2, hitRate: 1 / 2, majority: 'flat' });
    for (const row of [6, 8]) example.data.targets.observed[0]![row] = 0;
    expect(await directions(example, 0.25)).toBeNull();
  });

  it('of the naive forecast are flat, and those of a perfect one right, under a chain of transforms too', async () => {
    const series = Array.from({ length: 60 }, (_, row) => 20 + 5 * Math.sin(row) + 3 * Math.cos(row / 3));
    for (const transform of ['standard', 'min-max', resolveChain(['log', 'standard'], 'scaling.targets')] as const) {
      const under = example({ series: { a: series }, transform });
      const column = under.data.targets.columns[0]!;
      const naive = await directions(
        under,
        0,
        forecasterOf(under.data, (origin) => column[origin]!),
      );
      expect(naive!.confusion.map(([down, , up]) => [down, up])).toEqual([
        [0, 0],
        [0, 0],
        [0, 0],
      ]);
      const perfect = forecasterOf(under.data, (origin, step) => column[origin + step]!);
      expect((await directions(under, 0.5, perfect))!.hitRate).toBe(1);
    }
  });
});
