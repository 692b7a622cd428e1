import { directionLimits } from '#src/ml/windows/direction-labels.js';
import type { WindowedData } from '#src/ml/windows/windowed-data.js';
import { testNoise, windowedData, type SyntheticOptions } from './synthetic-windows.js';

/** Windowed data of the task direction: limits from the rows of the train windows. */
export function directionData(options: SyntheticOptions, threshold = 0.5): WindowedData {
  const data = windowedData(options);
  const original = data.targets.columns;
  const train = { start: 0, end: data.origins.train.at(-1)! + data.horizon + 1 };
  return {
    ...data,
    inputs: { ...data.inputs, assets: data.inputs.names.map((name) => (name in options.series ? name : null)) },
    targets: { ...data.targets, original },
    directions: directionLimits(data.targets, original, train, data.horizon, threshold),
  };
}

/**
 * Two series whose next change is a function of the last one, c[t + 1] = −c[t] · (0.9 … 1.1) kept alive by rare kicks,
 * so that its direction is known; or, with `signal` false, independent noise.
 */
export function swingingSeries(rows: number, signal = true, seed = 1): Record<string, Float64Array> {
  const noise = testNoise(seed);
  const make = (): Float64Array => {
    const values = new Float64Array(rows);
    let change = 0.5;
    for (let row = 1; row < rows; row++) {
      const size = 0.5 + 0.5 * Math.abs(noise());
      change = signal ? -Math.sign(change) * size : noise();
      values[row] = values[row - 1]! + change;
    }
    return values;
  };
  return { alpha: make(), beta: make() };
}
