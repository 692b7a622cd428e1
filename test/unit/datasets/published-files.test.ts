import { readFileSync } from 'node:fs';
import type { ReadingOptions, ParsedAsset } from '#src/datasets/rows/reading.js';
import { summariseAxis } from '#src/datasets/summary/axis-summary.js';
import { summariseColumn } from '#src/datasets/summary/column-statistics.js';
import { importCsv } from '../../support/imported-files.js';

/** Files as people publish them, from the npm package vega-datasets. */
const folder = new URL('../../../node_modules/vega-datasets/data/', import.meta.url);

function load(name: string, options: Partial<ReadingOptions>) {
  const content = readFileSync(new URL(name, folder));
  return importCsv(content, { columnsAs: 'columns', ...options }, { rows: 100_000, columns: 100, assets: 100 });
}

function only(assets: readonly ParsedAsset[]): ParsedAsset {
  expect(assets).toHaveLength(1);
  return assets[0]!;
}

describe('published files', () => {
  it('reads daily prices, whose weekends are not missing', () => {
    const { assets, reading } = load('sp500-2000.csv', { valueColumns: ['close', 'volume'] });
    const { times, columns } = only(assets);
    expect(reading.time.format).toBe('YYYY-MM-DD');
    expect(new Date(times[0]!).toISOString()).toBe('2000-01-03T00:00:00.000Z');
    expect(columns.map((column) => column[0])).toEqual([1455.219971, 931800000]);
    const { restDays, step, missingRows } = summariseAxis(times);
    expect({ restDays, step }).toEqual({ restDays: [0, 6], step: { unit: 'milliseconds', size: 86_400_000 } });
    // Nine or ten exchange holidays in each of twenty years and eight months.
    expect(missingRows).toBeGreaterThan(180);
    expect(missingRows).toBeLessThan(210);
  });

  it('reads monthly concentrations and finds the five months that are missing', () => {
    const { assets } = load('co2-concentration.csv', { columnsAs: 'assets' });
    expect(assets.map(({ id }) => id)).toEqual(['CO2', 'adjusted CO2']);
    expect(summariseAxis(assets[0]!.times)).toMatchObject({ step: { unit: 'month', size: 1 }, missingRows: 5 });
  });

  it('reads daily weather without its text column', () => {
    const { assets } = load('seattle-weather.csv', { valueColumns: ['precipitation', 'temp_max', 'temp_min', 'wind'] });
    const { times, columns } = only(assets);
    expect(times).toHaveLength(1461);
    expect(summariseAxis(times)).toMatchObject({ regular: true, missingRows: 0, restDays: [] });
    expect(summariseColumn('temp_max', columns[1]!)).toMatchObject({ count: 1461, missing: 0, min: -1.6, max: 35.6 });
  });

  it('reads a long file with English month names', () => {
    const { assets, reading } = load('stocks.csv', { layout: 'long' });
    expect(reading).toMatchObject({ assetColumn: 'symbol', time: { format: 'Mon D YYYY' } });
    expect(assets.map(({ id, times }) => [id, times.length])).toEqual([
      ['MSFT', 123],
      ['AMZN', 123],
      ['IBM', 123],
      ['GOOG', 68],
      ['AAPL', 123],
    ]);
  });
});
