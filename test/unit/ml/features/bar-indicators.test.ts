import { ADX, ATR, CCI, IchimokuCloud, MACD, OBV, ROC, Stochastic, VWAP, WilliamsR, WMA } from 'technicalindicators';
import { getFeatureStep } from '#src/ml/features/feature-steps.js';
import type { ParameterValues } from '#src/ml/parameters.js';
import { barColumns, barInput, featureInput, largestError, randomWalk } from '../../../support/series.js';

/** Real: the steps; technicalindicators 3.1 as oracle, and published sheets. */

const walk = randomWalk(1_500, 31, 200);
const bars = barColumns(walk);
const [close, high, low, volume] = [walk, bars.high, bars.low, bars.volume].map((column) => Array.from(column)) as [
  number[],
  number[],
  number[],
  number[],
];

function compute(step: string, parameters: ParameterValues, input = barInput(walk)): Float64Array[] {
  return getFeatureStep(step)
    .compute(input, parameters)
    .map(({ values }) => values);
}

/** The oracle leaves warm-up rows out, and columns within a row are undefined there. */
function padded(values: readonly (number | undefined)[]): number[] {
  return [...Array<number>(walk.length - values.length).fill(NaN), ...values.map((value) => value ?? NaN)];
}

const window = 14;
const bar = { high, low, close };
const macd = MACD.calculate({
  fastPeriod: 12,
  slowPeriod: 26,
  signalPeriod: 9,
  values: close,
  SimpleMAOscillator: false,
  SimpleMASignal: false,
});
const adx = ADX.calculate({ period: window, ...bar });
const stochastic = Stochastic.calculate({ period: window, signalPeriod: 3, ...bar });

describe('technicalindicators gives the same to 1e-10', () => {
  it.each<[string, ParameterValues, number, readonly (number | undefined)[]]>([
    ['wma', { window }, 0, WMA.calculate({ period: window, values: close })],
    ['macd', {}, 0, macd.map((row) => row.MACD)],
    ['macd', {}, 1, macd.map((row) => row.signal)],
    ['macd', {}, 2, macd.map((row) => row.histogram)],
    ['atr', { window }, 0, ATR.calculate({ period: window, ...bar })],
    ['adx', { window }, 0, adx.map((row) => row.adx)],
    ['stochastic', { window }, 0, stochastic.map((row) => row.k)],
    ['stochastic', { window }, 1, stochastic.map((row) => row.d)],
    ['williams-r', { window }, 0, WilliamsR.calculate({ period: window, ...bar })],
    ['cci', { window }, 0, CCI.calculate({ period: window, ...bar })],
    ['roc', { window }, 0, ROC.calculate({ period: window, values: close })],
    ['vwap', { session: 'none' }, 0, VWAP.calculate({ ...bar, volume })],
  ])('%s %j, column %i', (step, parameters, at, expected) => {
    expect(largestError(compute(step, parameters)[at]!, padded(expected))).toBeLessThan(1e-10);
  });

  it('obv, which begins with 0', () => {
    const [balances] = compute('obv', {});
    expect(balances![0]).toBe(0);
    expect(largestError(balances!.subarray(1), OBV.calculate({ close, volume }))).toBeLessThan(1e-10);
  });

  it('ichimoku, with the spans drawn 26 rows ahead', () => {
    const cloud = IchimokuCloud.calculate({
      high,
      low,
      conversionPeriod: 9,
      basePeriod: 26,
      spanPeriod: 52,
      displacement: 26,
    });
    const [conversion, base, spanA, spanB] = compute('ichimoku', {}).map((column) => column.subarray(51));
    const expected = (line: 'conversion' | 'base' | 'spanA' | 'spanB') => cloud.map((row) => row[line]);
    expect(largestError(conversion!, expected('conversion'))).toBe(0);
    expect(largestError(base!, expected('base'))).toBe(0);
    expect(largestError(spanA!.subarray(26), expected('spanA').slice(0, -26))).toBe(0);
    expect(largestError(spanB!.subarray(26), expected('spanB').slice(0, -26))).toBe(0);
  });
});

const SHEET_ADX = [
  [30.1983, 29.4072, 29.872],
  [30.2776, 29.3182, 30.2381],
  [30.4458, 29.9611, 30.0996],
  [29.3478, 28.7443, 28.9028],
  [29.3477, 28.5566, 28.9225],
  [29.2886, 28.4081, 28.4775],
  [28.8334, 28.0818, 28.5566],
  [28.7346, 27.4289, 27.5576],
  [28.6654, 27.6565, 28.4675],
  [28.8532, 27.8345, 28.2796],
  [28.6356, 27.3992, 27.4882],
  [27.6761, 27.0927, 27.231],
  [27.2112, 26.1826, 26.3507],
  [26.8651, 26.1332, 26.3309],
  [27.409, 26.6277, 27.0333],
  [26.9441, 26.1332, 26.2221],
  [26.5189, 25.4307, 26.0144],
  [26.5189, 25.3518, 25.4605],
  [27.0927, 25.876, 27.0333],
  [27.686, 26.964, 27.4487],
  [28.4477, 27.1421, 28.3586],
  [28.5267, 28.0123, 28.4278],
  [28.6654, 27.884, 27.953],
  [29.0116, 27.9928, 29.0116],
  [29.872, 28.7643, 29.3776],
  [29.8028, 29.1402, 29.3576],
  [29.7529, 28.7127, 28.9107],
  [30.6546, 28.929, 30.6149],
  [30.5951, 30.0304, 30.0502],
  [30.7635, 29.3863, 30.189],
  [31.1698, 30.1365, 31.1202],
  [30.8923, 30.4267, 30.5356],
  [30.0402, 29.3467, 29.7827],
] as const;
const PLUS = [
  6.7494187, 6.2919781, 5.7817867, 5.2866653, 8.6988073, 12.4910346, 16.6785194, 16.629245, 16.6937202, 17.9332083,
  22.7269847, 21.609939, 19.9520101, 23.8153238, 22.8134766, 20.6131527, 21.9656407, 20.8748381, 19.1217139,
];
const MINUS = [
  32.4195605, 33.9457668, 36.4278403, 33.8872739, 30.0160112, 28.4668252, 25.866945, 24.901954, 23.4696294, 21.6526027,
  19.9151478, 18.9363056, 20.6365552, 18.1258276, 17.3633223, 20.1994349, 18.7390828, 17.8085094, 23.9419101,
];
const STRENGTHS = [33.5833461, 32.1534947, 29.9292238, 28.3576178, 26.8982694, 25.7764785];
const SHEET_ATR = [
  [48.7, 47.79, 48.16],
  [48.72, 48.14, 48.61],
  [48.9, 48.39, 48.75],
  [48.87, 48.37, 48.63],
  [48.82, 48.24, 48.74],
  [49.05, 48.635, 49.03],
  [49.2, 48.94, 49.07],
  [49.35, 48.86, 49.32],
  [49.92, 49.5, 49.91],
  [50.19, 49.87, 50.13],
  [50.12, 49.2, 49.53],
  [49.66, 48.9, 49.5],
  [49.88, 49.43, 49.75],
  [50.19, 49.725, 50.03],
  [50.36, 49.26, 50.31],
  [50.57, 50.09, 50.52],
  [50.65, 50.3, 50.41],
  [50.43, 49.21, 49.34],
  [49.63, 48.98, 49.37],
  [50.33, 49.61, 50.23],
  [50.29, 49.2, 49.2375],
  [50.17, 49.43, 49.93],
  [49.32, 48.08, 48.43],
  [48.5, 47.64, 48.18],
] as const;
const RANGES = [
  0.555, 0.5939285714, 0.5857908163, 0.5689486152, 0.6154522855, 0.6179199794, 0.6423542666, 0.6743289618, 0.6927697503,
  0.7754290538, 0.7814698357,
];

/**
 * Rows of the reference sheets that the Python package `ta` tests itself with (StockCharts' ChartSchool examples cs-atr
 * and cs-adx), retyped; high, low, close.
 */
describe('published sheets', () => {
  it('DI 14', () => {
    const rows = SHEET_ADX;
    const [, plus, minus] = compute('adx', { window: 14 }, sheetInput(rows));
    expect(largestError(plus!.subarray(14), PLUS)).toBeLessThan(1e-8);
    expect(largestError(minus!.subarray(14), MINUS)).toBeLessThan(1e-8);
  });

  it('ADX 14', () => {
    const [strengths] = compute('adx', { window: 14 }, sheetInput(SHEET_ADX));
    expect(strengths!.findIndex((value) => !Number.isNaN(value))).toBe(27);
    expect(largestError(strengths!.subarray(27), STRENGTHS)).toBeLessThan(1e-8);
  });

  it('ATR 14: the sheet counts high − low of its first row, as ours does after a row that closed within it', () => {
    const [ranges] = compute('atr', { window: 14 }, sheetInput([[48.16, 48.16, 48.16], ...SHEET_ATR]));
    expect(largestError(ranges!.subarray(14), RANGES)).toBeLessThan(1e-9);
  });
});

function sheetInput(rows: readonly (readonly [number, number, number])[]) {
  const column = (at: number) => Float64Array.from(rows, (row) => row[at]!);
  return barInput(column(2), ['high', 'low'], { high: column(0), low: column(1), volume: new Float64Array(0) });
}

describe('TA-Lib 0.8 gives the same over the rows of the sheet', () => {
  it('kama', () => {
    const expected = [
      28.1858742092, 28.0134847432, 27.6677349051, 27.4517307047, 27.4188567281, 27.3072441571, 27.1664838023,
      27.011094113, 27.0120624235, 27.0212499259, 27.0502693036, 27.0958168196, 27.1422283775, 27.3135597429,
      27.4797194524, 27.7783557299, 27.9257101708, 28.6129445933, 28.8052591412, 28.976058823, 29.2424725663,
      29.3341791724, 29.3583754448,
    ];
    expect(largestError(compute('kama', {}, sheetInput(SHEET_ADX))[0]!.subarray(10), expected)).toBeLessThan(1e-10);
  });

  it('psar', () => {
    const expected = [
      29.3182, 29.3182, 30.4458, 30.4458, 30.370232, 30.25250408, 30.0788477536, 29.8138529782, 29.5753576804,
      29.3607119124, 29.1253304829, 28.8407622153, 28.4154562608, 28.0046501339, 27.6677891098, 27.409, 27.01334,
      25.3518, 25.3518, 25.445168, 25.62531992, 25.8574303264, 26.1382272938, 26.4830320185, 26.9574875359,
      27.3655192809, 27.7164265816, 28.1865343285, 28.581424836, 28.9741983655, 29.3863, 31.1698,
    ];
    expect(largestError(compute('psar', {}, sheetInput(SHEET_ADX))[0]!.subarray(1), expected)).toBeLessThan(1e-10);
  });
});

it('mfi equals the sums of each window by itself', () => {
  const price = (row: number) => (high[row]! + low[row]! + close[row]!) / 3;
  const expected = walk.map((_, row) => {
    if (row < window) return NaN;
    const flows = Array.from({ length: window }, (_, back) => row - back);
    const rising = flows
      .filter((at) => price(at) > price(at - 1))
      .reduce((sum, at) => sum + price(at) * volume[at]!, 0);
    const all = flows.reduce((sum, at) => sum + price(at) * volume[at]!, 0);
    return (100 * rising) / all;
  });
  expect(largestError(compute('mfi', { window })[0]!, expected)).toBeLessThan(1e-11);
});

describe('edge cases', () => {
  const flat = barInput(Array<number>(60).fill(7), undefined, {
    high: new Float64Array(60).fill(7),
    low: new Float64Array(60).fill(7),
    volume: new Float64Array(60),
  });

  it.each<[string, readonly number[]]>([
    ['stochastic', [50, 50]],
    ['stochastic-rsi', [50, 50]],
    ['williams-r', [-50]],
    ['cci', [0]],
    ['mfi', [50]],
    ['atr', [0]],
    ['adx', [0, 0, 0]],
    ['bollinger-ratios', [0.5, 0]],
    ['obv', [0]],
    ['vwap', [7]],
    ['kama', [7]],
    ['wma', [7]],
    ['macd', [0, 0, 0]],
    ['psar', [7]],
    ['roc', [0]],
    ['returns', [0]],
    ['volatility', [0]],
  ])('%s of a flat price that nobody trades', (step, last) => {
    expect(compute(step, {}, flat).map((column) => column[59])).toEqual(last);
  });

  it('a VWAP day ends at midnight UTC, a NaN begins it anew', () => {
    const times = Float64Array.from([22, 23, 24, 25, 26, 27], (hour) => hour * 3_600_000);
    const volumes = Float64Array.of(1, 3, 2, 2, NaN, 5);
    const input = { ...featureInput([10, 20, 30, 50, 60, 70], times), column: () => volumes };
    expect([...compute('vwap', { source: 'close' }, input)[0]!]).toEqual([10, 17.5, 30, 40, NaN, 70]);
  });

  it('returns and rate of change of and from 0 or less', () => {
    const input = featureInput([1, 2, 0, 4, -4]);
    expect([...compute('returns', { kind: 'simple' }, input)[0]!]).toEqual([NaN, 1, -1, NaN, -2]);
    expect([...compute('returns', {}, input)[0]!]).toEqual([NaN, Math.log(2), NaN, NaN, NaN]);
    expect([...compute('roc', { window: 1 }, input)[0]!]).toEqual([NaN, 100, -100, NaN, -200]);
  });

  it('%B is 1 on the upper band, and the width relative to the middle', () => {
    const [position, width] = compute('bollinger-ratios', { window: 2, deviations: 1 }, featureInput([1, 3]));
    expect([position![1], width![1]]).toEqual([1, 1]);
  });

  it('volatility is the sample deviation of log returns, for a year by the root of its rows', () => {
    const input = featureInput([1, Math.E, 1, Math.E]);
    const [one] = compute('volatility', { window: 2 }, input);
    const [year] = compute('volatility', { window: 2, periodsPerYear: 252 }, input);
    expect(one![3]).toBeCloseTo(Math.SQRT2, 12);
    expect(year![3]).toBeCloseTo(Math.sqrt(2 * 252), 12);
  });
});
