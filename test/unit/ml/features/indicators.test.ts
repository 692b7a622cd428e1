import { BollingerBands, EMA, RSI, SMA } from 'technicalindicators';
import { getFeatureStep } from '#src/ml/features/feature-steps.js';
import type { ParameterValues } from '#src/ml/parameters.js';
import { featureInput, largestError, randomWalk } from '../../../support/series.js';

/** Real: the steps, and the package technicalindicators 3.1 as oracle. */

function compute(step: string, parameters: ParameterValues, values: ArrayLike<number>): Record<string, Float64Array> {
  const columns = getFeatureStep(step).compute(featureInput(values), parameters);
  return Object.fromEntries(columns.map((column) => [column.name, column.values]));
}

/** The oracle leaves warm-up rows out. */
function padded(values: readonly number[], length: number): number[] {
  return [...Array<number>(length - values.length).fill(NaN), ...values];
}

describe.each([2, 7, 14, 20, 101])('window %i against technicalindicators', (window) => {
  const walk = randomWalk(2_000, window, 100);
  const values = [...walk];

  it('SMA to 1e-11', () => {
    const expected = padded(SMA.calculate({ period: window, values }), values.length);
    expect(largestError(compute('sma', { window }, walk)[`SMA_${window}`]!, expected)).toBeLessThan(1e-11);
  });

  it('EMA to 1e-11', () => {
    const expected = padded(EMA.calculate({ period: window, values }), values.length);
    expect(largestError(compute('ema', { window }, walk)[`EMA_${window}`]!, expected)).toBeLessThan(1e-11);
  });

  it('Bollinger bands to 1e-11', () => {
    const expected = BollingerBands.calculate({ period: window, stdDev: 2.5, values });
    const columns = compute('bollinger', { window, deviations: 2.5 }, walk);
    const error = (name: string, band: 'upper' | 'lower' | 'middle') =>
      largestError(
        columns[name]!,
        padded(
          expected.map((row) => row[band]),
          values.length,
        ),
      );
    expect(error(`BB_Up_${window}_2.5`, 'upper')).toBeLessThan(1e-11);
    expect(error(`BB_Low_${window}_2.5`, 'lower')).toBeLessThan(1e-11);
    expect(error(`BB_MA_${window}_2.5`, 'middle')).toBeLessThan(1e-11);
  });

  it('RSI to the two decimals it gives', () => {
    const expected = padded(RSI.calculate({ period: window, values }), values.length);
    const error = largestError(compute('rsi', { window }, walk)[`RSI_${window}`]!, expected);
    expect(error).toBeLessThan(0.005000001);
  });
});

/**
 * Rows of the reference sheets that the Python package `ta` tests itself with (StockCharts' ChartSchool examples
 * cs-rsi, cs-bbands and cs-macd), retyped.
 */
describe('published sheets', () => {
  it('Bollinger bands 20/2', () => {
    const closes = [
      86.1557, 89.0867, 88.7829, 90.3228, 89.0671, 91.1453, 89.4397, 89.175, 86.9302, 87.6752, 86.9596, 89.4299,
      89.3221, 88.7241, 87.4497, 87.2634, 89.4985, 87.9006, 89.126, 90.7043, 92.9001, 92.9784, 91.8021, 92.6647,
    ];
    const columns = compute('bollinger', { window: 20, deviations: 2 }, closes);
    const published = {
      BB_MA_20: [88.70794, 89.04516, 89.239745, 89.390705, 89.5078],
      BB_Up_20: [91.291862, 91.949268, 92.612595, 92.9342, 93.31195],
      BB_Low_20: [86.124018, 86.141052, 85.866895, 85.84721, 85.70365],
    };
    // Six decimals of about 90.
    for (const [name, expected] of Object.entries(published)) {
      expect(largestError(columns[name]!.subarray(19), expected)).toBeLessThan(6e-9);
    }
  });

  it('RSI 14: the sheet begins its averages with 0, as ours do after 14 rows without a change', () => {
    const closes = [
      44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931, 46.0328,
      45.614, 46.282, 46.282, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439,
    ];
    const still = Array<number>(14).fill(closes[0]!);
    const strengths = compute('rsi', { window: 14 }, [...still, ...closes])['RSI_14']!.subarray(14);
    // Six decimals of about 60.
    const published = [71.862114, 65.248473, 65.614661, 69.924117, 65.503639, 54.230524];
    expect(largestError(strengths.subarray(14), published)).toBeLessThan(1e-8);
    expect(strengths[0]).toBe(50);
  });

  it('EMA 12 and 26: the sheet begins with the first value, as ours do after as many equal rows', () => {
    const closes = [30.2, 30.28, 30.45, 29.35, 29.35, 29.29, 28.83, 28.73, 28.67, 28.85];
    const average = (window: number) =>
      compute('ema', { window }, [...Array<number>(window - 1).fill(30.2), ...closes])[`EMA_${window}`]!.subarray(
        window - 1,
      );
    const short = [30.2, 30.21230769, 30.24887574, 30.11058716, 29.99357375, 29.88533164];
    const long = [30.2, 30.20592593, 30.22400549, 30.15926434, 30.09931883, 30.03936929];
    expect(largestError(average(12).subarray(0, 6), short)).toBeLessThan(1e-8);
    expect(largestError(average(26).subarray(0, 6), long)).toBeLessThan(1e-8);
  });
});

describe('rsi', () => {
  it('is 100 without losses, 0 without gains and 50 without changes', () => {
    const at = (values: number[]) => compute('rsi', { window: 3 }, values)['RSI_3']![values.length - 1];
    expect([at([1, 2, 3, 4]), at([4, 3, 2, 1]), at([5, 5, 5, 5])]).toEqual([100, 0, 50]);
  });

  it('begins anew after a NaN', () => {
    const values = [1, 2, 1, 3, NaN, 9, 8, 9];
    expect([...compute('rsi', { window: 2 }, values)['RSI_2']!]).toEqual([
      NaN,
      NaN,
      50,
      expect.closeTo(83.3333333333, 9),
      NaN,
      NaN,
      NaN,
      50,
    ]);
  });
});

describe('lags', () => {
  it('shift the series, a repeated lag once', () => {
    const columns = compute('lags', { lags: [2, 1, 2] }, [1, NaN, 3, 4]);
    expect(columns).toEqual({
      LAG_2: Float64Array.of(NaN, NaN, 1, NaN),
      LAG_1: Float64Array.of(NaN, 1, NaN, 3),
    });
  });

  it('longer than the series are all NaN', () => {
    expect(compute('lags', { lags: [5] }, [1, 2])['LAG_5']).toEqual(Float64Array.of(NaN, NaN));
  });
});
