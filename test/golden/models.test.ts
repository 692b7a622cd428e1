import { readFileSync } from 'node:fs';
import { getAlgorithm } from '#src/ml/algorithms/algorithms.js';
import { decodeModelState, encodeModelState } from '#src/ml/export/model-state-codec.js';

/**
 * Models as an earlier version stored them, with what it forecast then. They must load and forecast the same for ever;
 * a format that changes gets a reader for the old one, not a new file here.
 */
interface GoldenModel {
  readonly state: unknown;
  readonly columns: readonly (readonly number[])[];
  readonly origin: number;
  readonly forecast: readonly number[];
}

/** Computed in single precision, by kernels that differ between machines. */
const SINGLE = ['lstm', 'imported-keras', 'imported-onnx'];

test.each(['naive', 'seasonal-naive', 'ridge', ...SINGLE])(
  'the stored %s of format 1 forecasts as it did',
  async (name) => {
    const path = new URL(`./models/${name}.format-1.json`, import.meta.url);
    const golden = JSON.parse(readFileSync(path, 'utf8')) as GoldenModel;
    const bytes = new TextEncoder().encode(JSON.stringify(golden.state));
    const state = decodeModelState(bytes);
    expect(encodeModelState(state)).toEqual(bytes);
    const forecaster = await getAlgorithm(state.algorithm).restore(state);
    const inputs = { names: state.inputs, columns: golden.columns.map((column) => Float64Array.from(column)) };
    const forecast = await forecaster.forecast(inputs, Int32Array.of(golden.origin));
    expect(forecast).toHaveLength(golden.forecast.length);
    const worst = Math.max(...golden.forecast.map((value, at) => Math.abs(value - forecast[at]!)));
    expect(worst).toBeLessThan(SINGLE.includes(name) ? 1e-6 : 1e-12);
    forecaster.dispose();
  },
);
