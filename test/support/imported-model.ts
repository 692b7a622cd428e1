import type { Algorithm, ImportedFile, ModelState } from '#src/ml/algorithms/algorithm.js';
import { getAlgorithm } from '#src/ml/algorithms/algorithms.js';
import { writeKeras } from '#src/ml/export/keras-file.js';
import { networkWeightsOf } from '#src/ml/export/network-weights.js';
import { onnxModelOf } from '#src/ml/export/onnx-file.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import type { WindowedData } from '#src/ml/windows/windowed-data.js';
import { trainingContext } from './synthetic-windows.js';

export type FileFormat = 'keras' | 'onnx';

/** The file of a trained network, as a training exports it. */
export async function fileOf(model: ModelState, format: FileFormat): Promise<Uint8Array> {
  return format === 'keras' ? writeKeras(model.network!, networkWeightsOf(model)) : onnxModelOf(model)!;
}

/** A file for data whose columns are not scaled. */
export function unscaled(data: WindowedData, content: Uint8Array): ImportedFile {
  const none = { offset: 0, range: 1 };
  return { content, inputs: data.inputs.names.map(() => none), targets: data.targets.names.map(() => none) };
}

export async function trainedNetwork(data: WindowedData, given: Record<string, unknown> = {}): Promise<ModelState> {
  const mlp = getAlgorithm('mlp');
  const values = { units: [24], epochs: 12, batchSize: 32, learningRate: 0.01, ...given };
  const { model } = await mlp.fit(
    data,
    resolveParameters(mlp.hyperparameters, values, 'algorithm.hyperparameters'),
    trainingContext(),
  );
  return model;
}

/**
 * An algorithm as the contract suites train it: one that uses a file gets that of a network that was trained on
 * `original(data)`, the data as they were before a test changed them; all others are left as they are.
 */
export function withModelFile(
  algorithm: Algorithm,
  original: (data: WindowedData) => WindowedData,
  format: FileFormat = 'keras',
): Algorithm {
  if (algorithm.imports !== true) return algorithm;
  const files = new Map<string, Promise<Uint8Array>>();
  const fileFor = (data: WindowedData): Promise<Uint8Array> => {
    const { future, ...alone } = original(data);
    const key = `${data.times.length} ${data.lookBack} ${future === undefined}`;
    // A file reads the window alone.
    const found = files.get(key) ?? trainedNetwork(alone).then((model) => fileOf(model, format));
    files.set(key, found);
    return found;
  };
  return {
    ...algorithm,
    fit: async (data, hyperparameters, context) =>
      algorithm.fit(data, hyperparameters, { ...context, modelFile: unscaled(data, await fileFor(data)) }),
  };
}
