import { encodeRows, restoreEncoder } from '../autoencoder/stored-encoder.js';
import { applyChain } from '../transforms/transform-chain.js';
import type { InputMatrix } from '../windows/windowed-data.js';
import type { PreparedFrames } from './prepared-frames.js';
import type { FittedAutoencoder, FittedProcessing } from './processing-plan.js';

/** The fitted input columns of prepared frames, scaled, in the order the model was trained with. */
export function scaledInputs(
  { inputs, autoencoder }: Pick<FittedProcessing, 'inputs' | 'autoencoder'>,
  prepared: PreparedFrames,
): InputMatrix {
  const columns = new Map<string, Float64Array>();
  for (const { names, columns: values } of [prepared.filled, prepared.features]) {
    names.forEach((name, at) => columns.set(name, values[at]!));
  }
  if (autoencoder !== undefined) {
    const codes = codeColumns(autoencoder, prepared);
    autoencoder.names.forEach((name, at) => columns.set(name, codes[at]!));
  }
  return {
    names: inputs.map((input) => input.name),
    assets: inputs.map((input) => input.asset),
    columns: inputs.map((input) => {
      const values = columns.get(input.name);
      if (values === undefined) throw new Error(`the prepared frames have no input column ${input.name}`);
      return applyChain(input, { times: prepared.series.times, values });
    }),
  };
}

/** The codes of prepared frames, in their own units; NaN in rows where a compressed column has no value. */
export function codeColumns({ inputs, layers }: FittedAutoencoder, prepared: PreparedFrames): Float64Array[] {
  return encodeRows(restoreEncoder(layers), scaledInputs({ inputs }, prepared).columns);
}
