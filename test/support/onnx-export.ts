import type { ModelState } from '#src/ml/algorithms/algorithm.js';
import { getAlgorithm } from '#src/ml/algorithms/algorithms.js';
import { openSession, type RuntimeTensor } from '#src/ml/engine/onnx/runtime.js';
import { onnxModelOf } from '#src/ml/export/onnx-file.js';
import type { InputMatrix } from '#src/ml/windows/windowed-data.js';

/** Length-delimited fields of a message, by number: all that model and metadata have, numbers apart. */
function* fieldsOf(bytes: Uint8Array): Generator<{ readonly field: number; readonly content: Uint8Array }> {
  let at = 0;
  const varint = (): number => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const length = varint();
    if (tag % 8 === 0) continue;
    yield { field: tag >> 3, content: bytes.subarray(at, at + length) };
    at += length;
  }
}

/** `metadata_props` of a file. */
export function metadataOf(file: Uint8Array): Readonly<Record<string, string>> {
  const text = (content: Uint8Array): string => Buffer.from(content).toString('utf8');
  const entries = [...fieldsOf(file)]
    .filter(({ field }) => field === 14)
    .map(({ content }) => [...fieldsOf(content)].map((part) => text(part.content)) as [string, string]);
  return Object.fromEntries(entries);
}

export interface DescribedValue {
  readonly name: string;
  readonly shape: readonly (number | string)[];
  readonly type: string;
  readonly meaning: string;
}

const described = (file: Uint8Array, key: 'inputs' | 'outputs') =>
  JSON.parse(metadataOf(file)[key]!) as readonly DescribedValue[];
export const inputsOf = (file: Uint8Array): readonly DescribedValue[] => described(file, 'inputs');
export const outputsOf = (file: Uint8Array): readonly DescribedValue[] => described(file, 'outputs');

/** Runs a file on the windows of `origins` as whoever downloads it would: by what its metadata say. */
export async function runFile(
  file: Uint8Array,
  { inputs, future }: { readonly inputs: InputMatrix; readonly future?: InputMatrix },
  origins: Int32Array,
): Promise<Readonly<Record<string, RuntimeTensor>>> {
  const session = await openSession('onnx', file);
  const horizon = Number(metadataOf(file)['horizon']);
  const feeds = inputsOf(file).map(({ name, shape }) => {
    const { columns } = name === 'window' ? inputs : future!;
    const length = shape[1] as number;
    // A window ends with the origin, covariates with the last forecast row.
    const first = (name === 'window' ? 1 : 1 + horizon) - length;
    const values = [...origins].flatMap((origin) =>
      Array.from({ length }, (_, at) => columns.map((column) => column[origin + first + at]!)),
    );
    return [name, session.tensor(Float32Array.from(values.flat()), [origins.length, length, columns.length])] as const;
  });
  try {
    return await session.run(
      Object.fromEntries(feeds),
      Object.fromEntries(outputsOf(file).map(({ name }) => [name, null])),
    );
  } finally {
    await session.release();
  }
}

/** The largest difference of a file's outputs from our own forecaster's, relative to 1 + |value|, in batches of 1 and all. */
export async function fileDifference(
  state: ModelState,
  data: { readonly inputs: InputMatrix; readonly future?: InputMatrix },
  origins: Int32Array,
  levels: readonly number[] | null = null,
): Promise<number> {
  const file = onnxModelOf(state)!;
  const forecaster = await getAlgorithm(state.algorithm).restore(state);
  let worst = 0;
  for (const asked of [origins.subarray(0, 1), origins]) {
    const outputs = await runFile(file, data, asked);
    const compare = (name: string, own: Float64Array, ...each: number[]): void => {
      const { dims, data: values } = outputs[name]!;
      expect(dims).toEqual([asked.length, state.horizon, state.targets.length, ...each]);
      own.forEach((value, at) => {
        worst = Math.max(worst, Math.abs(value - Number(values[at])) / (1 + Math.abs(value)));
        if (Number.isNaN(Number(values[at]))) worst = Infinity;
      });
    };
    if (state.task === 'direction') {
      compare('probabilities', await forecaster.classProbabilities!(data.inputs, asked, data.future), 3);
      continue;
    }
    compare('forecast', await forecaster.forecast(data.inputs, asked, data.future));
    if (levels !== null) {
      const own = await forecaster.forecastQuantiles!(data.inputs, asked, levels, data.future);
      compare('quantiles', own, levels.length);
    }
  }
  forecaster.dispose();
  return worst;
}
