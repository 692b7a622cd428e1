import { evaluateModel } from '#src/ml/evaluation/report.js';
import type { ForecastPicture } from '#src/ml/plots/forecast-picture.js';
import { traceForecasts } from '#src/ml/plots/forecast-trace.js';
import { example, forecasterOf } from '../evaluation/windowed-example.js';

/** A daily wave with a trend, hourly, as many assets as asked for; forecast by the mean of the last two days. */
export async function pictureExample(options: {
  rows?: number;
  assets?: number;
  horizon?: number;
  validationShare?: number;
  change?: (value: number, row: number) => number;
}): Promise<ForecastPicture> {
  const { rows = 1_000, assets = 1, horizon = 24, validationShare, change = (value) => value } = options;
  const series = Object.fromEntries(
    Array.from({ length: assets }, (_, asset) => [
      `sensor-${asset + 1}`,
      Array.from({ length: rows }, (_, row) => {
        const value = 20 + row / 200 + (asset + 1) * Math.sin((2 * Math.PI * row) / 24) + ((row * 7_919) % 97) / 100;
        return change(value, row);
      }),
    ]),
  );
  const made = example({ series, lookBack: 48, horizon, seasonLength: 24, validationShare });
  const { columns } = made.data.inputs;
  const forecaster = forecasterOf(made.data, (origin, step, target) => {
    const row = origin - 23 + ((step - 1) % 24);
    return (columns[target]![row]! + columns[target]![row - 24]!) / 2;
  });
  const traces = await Promise.all(
    (['validation', 'test'] as const).map((part) => traceForecasts(made.data, made.fitted, forecaster, part)),
  );
  return {
    algorithm: 'Two-day mean',
    gaps: null,
    ...made,
    traces: traces.filter((trace) => trace !== null),
    report: (await evaluateModel(made.data, made.fitted, forecaster)).report,
  };
}
