import { traceForecasts } from '#src/ml/plots/forecast-trace.js';
import { example, forecasterOf } from '../evaluation/windowed-example.js';

describe('traceForecasts', () => {
  it('lays forecasts end to end, counted back from the last window, in original units', async () => {
    const series = Array.from({ length: 50 }, (_, row) => 100 + row);
    const made = example({ series: { a: series, b: series.map((value) => -value) }, horizon: 4 });
    const perfect = forecasterOf(
      made.data,
      (origin, step, target) => made.data.targets.columns[target]![origin + step]!,
    );
    const trace = (await traceForecasts(made.data, made.fitted, perfect, 'test'))!;
    // test rows 40…49: origins 45 and 41; row 40 and 41 would belong to a forecast that begins before the part
    expect([...trace.origins]).toEqual([41, 45]);
    expect([...trace.rows]).toEqual([42, 43, 44, 45, 46, 47, 48, 49]);
    trace.rows.forEach((row, at) => {
      expect(trace.values[0]![at]).toBeCloseTo(100 + row, 9);
      expect(trace.values[1]![at]).toBeCloseTo(-100 - row, 9);
    });
  });

  it('forecasts each row for a horizon of 1', async () => {
    const made = example({ series: { a: Array.from({ length: 50 }, (_, row) => row) }, horizon: 1 });
    const naive = forecasterOf(made.data, (origin) => made.data.targets.columns[0]![origin]!);
    const trace = (await traceForecasts(made.data, made.fitted, naive, 'validation'))!;
    expect([...trace.rows]).toEqual([30, 31, 32, 33, 34, 35, 36, 37, 38, 39]);
    expect(trace.values[0]![0]).toBeCloseTo(29, 9);
  });

  it('takes the next complete window before a hole', async () => {
    const series = Array.from({ length: 60 }, (_, row) => (row === 54 ? NaN : row));
    const made = example({ series: { a: series }, lookBack: 2, horizon: 3, validationShare: 0 });
    const naive = forecasterOf(made.data, (origin) => made.data.targets.columns[0]![origin]!);
    const trace = (await traceForecasts(made.data, made.fitted, naive, 'test'))!;
    // origins 54 and 55 have row 54 in their window
    expect([...trace.origins].slice(-3)).toEqual([50, 53, 56]);
  });

  it('is null for a part without windows', async () => {
    const made = example({ series: { a: Array.from({ length: 50 }, (_, row) => row) }, validationShare: 0 });
    expect(
      await traceForecasts(
        made.data,
        made.fitted,
        forecasterOf(made.data, () => 0),
        'validation',
      ),
    ).toBeNull();
  });
});
