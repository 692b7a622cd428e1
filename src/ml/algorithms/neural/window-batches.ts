import type { InputMatrix, TargetMatrix, WindowedData } from '../../windows/windowed-data.js';

/** Windows of `origins` as float32, [rows, lookBack, inputs] row-major: what a network takes. */
export function inputBatch(inputs: InputMatrix, origins: Int32Array, lookBack: number): Float32Array {
  const width = inputs.columns.length;
  const batch = new Float32Array(origins.length * lookBack * width);
  inputs.columns.forEach((column, f) => {
    let at = f;
    for (const origin of origins) {
      for (let row = origin - lookBack + 1; row <= origin; row++, at += width) batch[at] = column[row]!;
    }
  });
  return batch;
}

/** What follows `origins` as float32, [rows, horizon, targets] row-major. */
export function targetBatch(targets: TargetMatrix, origins: Int32Array, horizon: number): Float32Array {
  const width = targets.columns.length;
  const batch = new Float32Array(origins.length * horizon * width);
  targets.columns.forEach((column, k) => {
    let at = k;
    for (const origin of origins) {
      for (let row = origin + 1; row <= origin + horizon; row++, at += width) batch[at] = column[row]!;
    }
  });
  return batch;
}

/** Looks up the weights of train windows in any order, as float32; undefined where all count alike. */
export function windowWeights({
  times,
  origins,
  weights,
}: WindowedData): ((origins: Int32Array) => Float32Array) | undefined {
  if (weights === undefined) return undefined;
  const byRow = new Float32Array(times.length);
  origins.train.forEach((origin, at) => (byRow[origin] = weights[at]!));
  return (batch) => Float32Array.from(batch, (origin) => byRow[origin]!);
}
