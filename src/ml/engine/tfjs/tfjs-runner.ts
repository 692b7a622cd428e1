import * as tf from '@tensorflow/tfjs-core';
import { createAdam, type Adam } from '../adam.js';
import { TrainyardError } from '../../../common/errors/index.js';
import { flattenWeights, nestWeights, type FlatWeights } from '../flat-weights.js';
import { sizeOf } from '../graph/graph-builder.js';
import type { NetworkRunner } from '../network-engine.js';
import { checkWeights, networkGraph } from '../network-graph.js';
import type { NetworkArchitecture, NetworkWeights } from '../network.js';
import type { TrainingBatches, TrainingSetup } from '../training-setup.js';
import { onBackend, type TfjsEngineName } from './backend.js';
import { lackOf } from './layer-operations.js';
import { networkPass } from './network-pass.js';

/**
 * Rows of every forward pass outside training. A multiple of the widest vector and tile of the kernels, so that no row
 * is ever computed by a kernel's remainder code, whose last bits may differ.
 */
const PREDICTION_ROWS = 32;

/** A network on TensorFlow.js; see `NetworkRunner`. The backend of `engine` must be open. */
export function openTfjsRunner(
  engine: TfjsEngineName,
  architecture: NetworkArchitecture,
  initial: NetworkWeights,
  training: TrainingSetup | null,
): NetworkRunner {
  const graph = networkGraph(architecture);
  if (graph.outputs.length !== 1) throw new Error(`network ${graph.name} has ${graph.outputs.length} outputs, not 1`);
  for (const layer of graph.layers) {
    const lack = lackOf(layer);
    if (lack !== null) throw lacks(engine, lack);
  }
  checkWeights(graph, initial);
  const host = flattenWeights(graph, initial);
  const trained = graph.layers
    .filter((layer) => layer.trainable)
    .flatMap((layer) => layer.weights.map((weight) => `${layer.name}/${weight.name}`));
  const adam = training && openAdam(engine, training);
  let device = upload(engine, host);
  const outputSize = sizeOf(graph.layers.find((layer) => layer.name === graph.outputs[0])!.outputShape);

  function replace(next: FlatWeights, names: readonly string[]): void {
    const uploaded = upload(engine, Object.fromEntries(names.map((name) => [name, next[name]!])));
    tf.dispose(names.map((name) => device[name]!));
    device = { ...device, ...uploaded };
  }

  /** Loss and gradients of one step, as plain arrays. */
  function gradientsOf({ inputs, targets, weights, masks }: TrainingBatches, step: number, rows: number) {
    const part = (values: Float32Array, size: number): Float32Array =>
      values.slice(step * rows * size, (step + 1) * rows * size);
    const tensors = graph.inputs.map(({ shape }, at) => tf.tensor(part(inputs[at]!, sizeOf(shape)), [rows, ...shape]));
    const ownMasks = Object.fromEntries(
      graph.layers
        .filter(({ name }) => Object.hasOwn(masks, name))
        .map(({ name, outputShape }) => [
          name,
          tf.tensor(part(masks[name]!, sizeOf(outputShape)), [rows, ...outputShape]),
        ]),
    );
    const pass = networkPass(graph, tensors, device, ownMasks);
    const wanted = tf.tensor(part(targets, outputSize), [rows, outputSize]);
    const error = tf.sub(tf.reshape(pass.output, [rows, outputSize]), wanted);
    const weighted = tf.mul(error, tf.tensor(part(weights, 1), [rows, 1]));
    const gradients = pass.backward(tf.reshape(tf.mul(weighted, 2 / outputSize), pass.output.shape));
    return {
      loss: tf.div(tf.sum(tf.mul(weighted, error)), outputSize).dataSync()[0]!,
      gradients: Object.fromEntries(
        trained.map((name) => {
          const gradient = gradients[name];
          if (!gradient) throw new Error(`no path leads from the output to ${name}`);
          return [name, gradient.dataSync<'float32'>()];
        }),
      ),
    };
  }

  return {
    engine,
    async predict(inputs, rows) {
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
          return { values: networkPass(graph, tensors, device, {}).output.dataSync<'float32'>() };
        });
        output.set(part.values.subarray(0, used * outputSize), from * outputSize);
      }
      return output;
    },
    async train(batches) {
      if (!adam || !training) throw new Error('this runner was not opened for training');
      const losses = new Float32Array(batches.steps);
      for (let step = 0; step < batches.steps; step++) {
        const { loss, gradients } = onBackend(engine, () => gradientsOf(batches, step, training.batchSize));
        adam.apply(
          Object.fromEntries(trained.map((name) => [name, host[name]!.data])),
          gradients,
          batches.learningRates[step]!,
        );
        replace(host, trained);
        losses[step] = loss;
      }
      return losses;
    },
    weights: () => nestWeights(host),
    optimiser() {
      if (!adam) throw new Error('this runner was not opened for training');
      return adam.state();
    },
    setWeights(weights) {
      checkWeights(graph, weights);
      const next = flattenWeights(graph, weights);
      for (const [name, weight] of Object.entries(next)) host[name] = weight;
      replace(host, Object.keys(host));
    },
    dispose: async () => tf.dispose(Object.values(device)),
  };
}

/** This engine is an oracle and a second choice: it trains what the first networks need, and refuses the rest. */
function openAdam(engine: TfjsEngineName, { loss, optimiser, clipNorm, state, masksTargets }: TrainingSetup): Adam {
  if (loss.name !== 'mse') throw lacks(engine, `the loss ${loss.name}`);
  if (optimiser.name !== 'adam') throw lacks(engine, `the optimiser ${optimiser.name}`);
  if (optimiser.decay > 0) throw lacks(engine, 'weight decay');
  if (masksTargets === true) throw lacks(engine, 'masks of single target values');
  if (clipNorm !== null) throw lacks(engine, 'clipping of gradients');
  return createAdam(optimiser, state);
}

function lacks(engine: TfjsEngineName, what: string): TrainyardError {
  return new TrainyardError(
    'ENGINE_UNAVAILABLE',
    `The engine ${engine} does not compute ${what}; use the engine auto, onnx or onnx-web.`,
    { engine, lacks: what },
  );
}

/** Tensors that outlive the call; from copies, because a backend may keep the array it is given. */
function upload(engine: TfjsEngineName, weights: FlatWeights): Record<string, tf.Tensor> {
  return onBackend(engine, () =>
    Object.fromEntries(
      Object.entries(weights).map(([name, { shape, data }]) => [name, tf.keep(tf.tensor(data.slice(), [...shape]))]),
    ),
  );
}
