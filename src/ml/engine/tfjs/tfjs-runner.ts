import * as tf from '@tensorflow/tfjs-core';
import { createAdam, type Adam } from '../adam.js';
import type { EngineName, NetworkRunner, NetworkTraining } from '../network-engine.js';
import { checkWeights, networkGraph, type NetworkGraph } from '../network-graph.js';
import type { NetworkArchitecture, NetworkWeights, WeightTensor } from '../network.js';
import { onBackend } from './backend.js';
import { networkPass } from './network-pass.js';

/**
 * Rows of every forward pass outside training. A multiple of the widest vector and tile of the kernels, so that no row
 * is ever computed by a kernel's remainder code, whose last bits may differ.
 */
const PREDICTION_ROWS = 32;

/** Weights by `layer/weight`. */
type Flat<Value> = Record<string, Value>;

/** A network on TensorFlow.js; see `NetworkRunner`. The backend of `engine` must be open. */
export function openTfjsRunner(
  engine: EngineName,
  architecture: NetworkArchitecture,
  initial: NetworkWeights,
  training: NetworkTraining | null,
): NetworkRunner {
  const graph = networkGraph(architecture);
  if (graph.outputs.length !== 1) throw new Error(`network ${graph.name} has ${graph.outputs.length} outputs, not 1`);
  checkWeights(graph, initial);
  const host = flatten(graph, initial);
  const trained = graph.layers
    .filter((layer) => layer.trainable)
    .flatMap((layer) => layer.weights.map((weight) => `${layer.name}/${weight.name}`));
  const adam: Adam | null = training && createAdam(training.learningRate, training.optimiser);
  let device = upload(engine, host);
  const outputSize = sizeOf(graph.layers.find((layer) => layer.name === graph.outputs[0])!.outputShape);

  function replace(next: Flat<WeightTensor>, names: readonly string[]): void {
    const uploaded = upload(engine, Object.fromEntries(names.map((name) => [name, next[name]!])));
    tf.dispose(names.map((name) => device[name]!));
    device = { ...device, ...uploaded };
  }

  return {
    engine,
    predict(inputs, rows) {
      const output = new Float32Array(rows * outputSize);
      for (let from = 0; from < rows; from += PREDICTION_ROWS) {
        const used = Math.min(PREDICTION_ROWS, rows - from);
        const part = onBackend(engine, () => {
          const tensors = graph.inputs.map(({ shape }, at) => {
            const size = sizeOf(shape);
            const padded = new Float32Array(PREDICTION_ROWS * size);
            padded.set(inputs[at]!.subarray(from * size, (from + used) * size));
            return tf.tensor(padded, [PREDICTION_ROWS, ...shape]);
          });
          return { values: networkPass(graph, tensors, device, null).output.dataSync<'float32'>() };
        });
        output.set(part.values.subarray(0, used * outputSize), from * outputSize);
      }
      return output;
    },
    trainStep(inputs, targets, rows, random, rowWeights) {
      if (!adam) throw new Error('this runner was not opened for training');
      const { loss, gradients } = onBackend(engine, () => {
        const tensors = graph.inputs.map(({ shape }, at) => tf.tensor(inputs[at]!, [rows, ...shape]));
        const wanted = tf.tensor(targets, [rows, outputSize]);
        const pass = networkPass(graph, tensors, device, random);
        const error = tf.sub(tf.reshape(pass.output, [rows, outputSize]), wanted);
        const weighted = rowWeights === undefined ? error : tf.mul(error, tf.tensor(rowWeights, [rows, 1]));
        const dOutput = tf.mul(weighted, 2 / error.size);
        const gradients = pass.backward(tf.reshape(dOutput, pass.output.shape));
        return {
          loss: tf.mean(tf.mul(weighted, error)).dataSync()[0]!,
          gradients: Object.fromEntries(
            trained.map((name) => {
              const gradient = gradients[name];
              if (!gradient) throw new Error(`no path leads from the output to ${name}`);
              return [name, gradient.dataSync<'float32'>()];
            }),
          ),
        };
      });
      adam.apply(Object.fromEntries(trained.map((name) => [name, host[name]!.data])), gradients);
      replace(host, trained);
      return loss;
    },
    weights: () => unflatten(host),
    optimiser() {
      if (!adam) throw new Error('this runner was not opened for training');
      return adam.state();
    },
    setWeights(weights) {
      checkWeights(graph, weights);
      const next = flatten(graph, weights);
      for (const [name, weight] of Object.entries(next)) host[name] = weight;
      replace(host, Object.keys(host));
    },
    dispose: () => tf.dispose(Object.values(device)),
  };
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);

function flatten(graph: NetworkGraph, weights: NetworkWeights): Flat<WeightTensor> {
  return Object.fromEntries(
    graph.layers.flatMap((layer) =>
      layer.weights.map(({ name, shape }) => [
        `${layer.name}/${name}`,
        { shape, data: weights[layer.name]![name]!.data.slice() },
      ]),
    ),
  );
}

function unflatten(flat: Flat<WeightTensor>): NetworkWeights {
  const weights: Record<string, Record<string, WeightTensor>> = {};
  for (const [path, { shape, data }] of Object.entries(flat)) {
    const [layer, name] = path.split('/') as [string, string];
    (weights[layer] ??= {})[name] = { shape, data: data.slice() };
  }
  return weights;
}

/** Tensors that outlive the call; from copies, because a backend may keep the array it is given. */
function upload(engine: EngineName, weights: Flat<WeightTensor>): Flat<tf.Tensor> {
  return onBackend(engine, () =>
    Object.fromEntries(
      Object.entries(weights).map(([name, { shape, data }]) => [name, tf.keep(tf.tensor(data.slice(), [...shape]))]),
    ),
  );
}
