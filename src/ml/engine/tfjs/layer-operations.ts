import * as tf from '@tensorflow/tfjs-core';
import type { GraphLayer } from '../network-graph.js';
import { lstmPass } from './lstm.js';

export interface LayerGradients {
  /** Of each input; left out where the layer has no use for them. */
  readonly inputs: readonly tf.Tensor[];
  readonly weights: Readonly<Record<string, tf.Tensor>>;
}

/** What a layer computed, and how the gradient of its output goes back through it. */
export interface LayerPass {
  readonly output: tf.Tensor;
  /** `wantsInputs` is false where nothing before the layer is trained. */
  backward(dOutput: tf.Tensor, wantsInputs: boolean): LayerGradients;
}

/**
 * `weights` by Keras name; `mask` is what a dropout layer multiplies with, null outside training. Gradients are written out for each
 * layer and not recorded: TensorFlow.js' core package carries no gradients in Node, and matrix products are transposed
 * explicitly on the way back, since wasm computes transposed products in a slow loop instead of with XNNPACK.
 */
export type LayerOperation = (
  layer: GraphLayer,
  inputs: readonly tf.Tensor[],
  weights: Readonly<Record<string, tf.Tensor>>,
  mask: tf.Tensor | null,
) => LayerPass;

/** One entry for each layer of the table in `layers.ts`; the first axis is always the batch. */
export const LAYER_OPERATIONS: Readonly<Record<string, LayerOperation>> = {
  Dense(layer, [input], weights) {
    const rows = flatRows(input!);
    const { apply, slope } = activation(layer);
    const output = apply(affine(rows, weights));
    return {
      output: tf.reshape(output, [...input!.shape.slice(0, -1), layer.config['units'] as number]),
      backward(dOutput, wantsInputs) {
        const dy = slope(flatRows(dOutput), output);
        return {
          weights: affineGradients(rows, dy, weights),
          inputs: wantsInputs ? [tf.reshape(productGradient(dy, weights), input!.shape)] : [],
        };
      },
    };
  },
  LSTM(layer, [input], weights) {
    const units = lstmUnits(layer);
    const [rows, steps, width] = input!.shape as [number, number, number];
    // Steps first: a step of all rows is then one contiguous slice.
    const bySteps = tf.reshape<tf.Rank.R2>(tf.transpose(input!, [1, 0, 2]), [steps * rows, width]);
    const projected = affine(bySteps, weights).dataSync<'float32'>();
    const pass = lstmPass(projected, weights['recurrent_kernel'] as tf.Tensor2D, { steps, rows, units });
    const lastStep = (steps - 1) * rows * units;
    const sequences = layer.config['return_sequences'] === true;
    return {
      output: sequences
        ? tf.transpose(tf.tensor(pass.hidden, [steps, rows, units]), [1, 0, 2])
        : tf.tensor(pass.hidden.slice(lastStep), [rows, units]),
      backward(dOutput, wantsInputs) {
        let dHidden: Float32Array = new Float32Array(steps * rows * units);
        if (sequences) dHidden = tf.transpose(dOutput, [1, 0, 2]).dataSync<'float32'>();
        else dHidden.set(dOutput.dataSync<'float32'>(), lastStep);
        const gradients = pass.backward(dHidden);
        const dz = tf.tensor2d(gradients.projected, [steps * rows, 4 * units]);
        const dInput = (): tf.Tensor =>
          tf.transpose(tf.reshape(productGradient(dz, weights), [steps, rows, width]), [1, 0, 2]);
        return {
          weights: { ...affineGradients(bySteps, dz, weights), recurrent_kernel: gradients.recurrent },
          inputs: wantsInputs ? [dInput()] : [],
        };
      },
    };
  },
  Conv1D: convolution,
  Activation(layer, [input]) {
    const { apply, slope } = activation(layer);
    const output = apply(flatRows(input!));
    return elementwise(tf.reshape(output, input!.shape), (dy) => tf.reshape(slope(flatRows(dy), output), input!.shape));
  },
  Concatenate: (_layer, inputs) => ({
    output: tf.concat([...inputs], inputs[0]!.rank - 1),
    backward: (dOutput) => ({
      inputs: tf.split(
        dOutput,
        inputs.map((input) => input.shape[input.rank - 1]!),
        dOutput.rank - 1,
      ),
      weights: {},
    }),
  }),
  GlobalAveragePooling1D(_layer, [input]) {
    const steps = input!.shape[1]!;
    return elementwise(tf.div(tf.sum(input!, 1), steps), (dy) =>
      tf.div(tf.tile(tf.expandDims(dy, 1), [1, steps, 1]), steps),
    );
  },
  Dropout: (_layer, [input], _weights, mask) =>
    mask ? elementwise(tf.mul(input!, mask), (dy) => tf.mul(dy, mask)) : elementwise(input!, (dy) => dy),
  Rescaling(layer, [input]) {
    const scale = tf.tensor(layer.config['scale'] as number | number[]);
    const offset = tf.tensor(layer.config['offset'] as number | number[]);
    return elementwise(tf.add(tf.mul(input!, scale), offset), (dy) => tf.mul(dy, scale));
  },
  Reshape: reshaped,
  Flatten: reshaped,
  RepeatVector: (layer, [input]) =>
    elementwise(tf.tile(tf.expandDims(input!, 1), [1, layer.outputShape[0]!, 1]), (dy) => tf.sum(dy, 1)),
  Cropping1D(layer, [input]) {
    const [first, last] = layer.config['cropping'] as readonly [number, number];
    const [rows, , width] = input!.shape as [number, number, number];
    return elementwise(tf.slice(input!, [0, first, 0], [rows, layer.outputShape[0]!, width]), (dy) =>
      tf.concat([tf.zeros([rows, first, width]), dy, tf.zeros([rows, last, width])], 1),
    );
  },
  Add: (_layer, inputs) => ({
    output: inputs.reduce((sum, input) => tf.add(sum, input)),
    backward: (dOutput) => ({ inputs: inputs.map(() => dOutput), weights: {} }),
  }),
  Subtract: (_layer, [first, second]) => ({
    output: tf.sub(first!, second!),
    backward: (dOutput) => ({ inputs: [dOutput, tf.neg(dOutput)], weights: {} }),
  }),
};

/** A layer of one input and no weights. */
function elementwise(output: tf.Tensor, dInput: (dOutput: tf.Tensor) => tf.Tensor): LayerPass {
  return {
    output,
    backward: (dOutput, wantsInputs) => ({ inputs: wantsInputs ? [dInput(dOutput)] : [], weights: {} }),
  };
}

function reshaped(layer: GraphLayer, [input]: readonly tf.Tensor[]): LayerPass {
  const rows = input!.shape[0];
  return elementwise(tf.reshape(input!, [rows, ...layer.outputShape]), (dy) => tf.reshape(dy, input!.shape));
}

/**
 * Of stride 1, as one product: each row holds the taps of one step side by side. TensorFlow.js' own has no causal padding,
 * no gradient when dilated, and in wasm none at all.
 */
function convolution(
  layer: GraphLayer,
  [input]: readonly tf.Tensor[],
  { kernel, bias }: Readonly<Record<string, tf.Tensor>>,
): LayerPass {
  const [rows, steps, width] = input!.shape as [number, number, number];
  const { kernel_size: taps, dilation_rate: dilation } = layer.config as Readonly<Record<string, number>>;
  const made = layer.outputShape[0]!;
  const before = layer.config['padding'] === 'causal' ? dilation! * (taps! - 1) : 0;
  const filters = layer.outputShape[1]!;
  const flat: Weights = {
    kernel: tf.reshape(kernel!, [taps! * width, filters]),
    ...(bias && { bias }),
  };
  const padded = before === 0 ? input! : tf.concat([tf.zeros([rows, before, width]), input!], 1);
  const starts = Array.from({ length: taps! }, (_, tap) => tap * dilation!);
  const windows = flatRows(
    tf.concat(
      starts.map((start) => tf.slice(padded, [0, start, 0], [rows, made, width])),
      2,
    ),
  );
  const { apply, slope } = activation(layer);
  const output = apply(affine(windows, flat));
  return {
    output: tf.reshape(output, [rows, made, filters]),
    backward(dOutput, wantsInputs) {
      const dy = slope(flatRows(dOutput), output);
      const gradients = affineGradients(windows, dy, flat);
      const weights = { ...gradients, kernel: tf.reshape(gradients['kernel']!, [taps!, width, filters]) };
      if (!wantsInputs) return { weights, inputs: [] };
      const dWindows = tf.reshape(productGradient(dy, flat), [rows, made, taps! * width]);
      const parts = starts.map((start, tap) => {
        const part = tf.slice(dWindows, [0, 0, tap * width], [rows, made, width]);
        const after = before + steps - start - made;
        return tf.concat([tf.zeros([rows, start, width]), part, tf.zeros([rows, after, width])], 1);
      });
      const dPadded = parts.reduce((sum, part) => tf.add(sum, part));
      return { weights, inputs: [tf.slice(dPadded, [0, before, 0], [rows, steps, width])] };
    },
  };
}

type Weights = Readonly<Record<string, tf.Tensor>>;

function affine(rows: tf.Tensor2D, weights: Weights): tf.Tensor2D {
  const product: tf.Tensor2D = tf.matMul(rows, weights['kernel'] as tf.Tensor2D);
  return weights['bias'] ? tf.add(product, weights['bias']) : product;
}

function affineGradients(rows: tf.Tensor2D, dOutput: tf.Tensor2D, weights: Weights): Record<string, tf.Tensor> {
  const kernel = tf.matMul(tf.transpose(rows), dOutput);
  return weights['bias'] ? { kernel, bias: tf.sum(dOutput, 0) } : { kernel };
}

/** Gradient of `rows` in rows·kernel. */
function productGradient(dOutput: tf.Tensor2D, weights: Weights): tf.Tensor2D {
  return tf.matMul(dOutput, tf.transpose(weights['kernel'] as tf.Tensor2D));
}

/** All axes but the last as rows. */
function flatRows(input: tf.Tensor): tf.Tensor2D {
  const width = input.shape[input.rank - 1]!;
  return tf.reshape(input, [input.size / width, width]);
}

function lstmUnits(layer: GraphLayer): number {
  const { config, name } = layer;
  if (config['activation'] !== 'tanh' || config['recurrent_activation'] !== 'sigmoid') {
    throw new Error(`${name}: an LSTM has activations tanh and sigmoid here`);
  }
  if (config['go_backwards'] === true) throw new Error(`${name}: an LSTM runs forwards here`);
  if (config['dropout'] !== 0 || config['recurrent_dropout'] !== 0) {
    throw new Error(`${name}: dropout inside an LSTM is not supported; use a Dropout layer`);
  }
  return config['units'] as number;
}

interface Activation {
  apply(input: tf.Tensor2D): tf.Tensor2D;
  /** Gradient of the input, from the gradient of the output and the output. */
  slope(dOutput: tf.Tensor2D, output: tf.Tensor2D): tf.Tensor2D;
}

const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  linear: { apply: (x) => x, slope: (dy) => dy },
  relu: { apply: (x) => tf.relu(x), slope: (dy, y) => tf.mul(dy, tf.cast(tf.greater(y, 0), 'float32')) },
  tanh: { apply: (x) => tf.tanh(x), slope: (dy, y) => tf.mul(dy, tf.sub(1, tf.square(y))) },
  sigmoid: { apply: (x) => tf.sigmoid(x), slope: (dy, y) => tf.mul(dy, tf.mul(y, tf.sub(1, y))) },
};

function activation(layer: GraphLayer): Activation {
  const name = String(layer.config['activation']);
  const found = Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined;
  if (!found) throw new Error(`${layer.name}: activation ${name} is not supported`);
  return found;
}

/** What of a layer is not computed here, for messages; null where all is. */
export function lackOf(layer: GraphLayer): string | null {
  const { type, name, config } = layer;
  if (!Object.hasOwn(LAYER_OPERATIONS, type)) return `${type} ${name}`;
  const chosen = config['activation'] as string | undefined;
  if (type !== 'LSTM' && chosen !== undefined && !Object.hasOwn(ACTIVATIONS, chosen)) {
    return `the activation ${chosen} of ${type} ${name}`;
  }
  if (type === 'Conv1D' && config['strides'] !== 1) return `strides of ${type} ${name}`;
  if (type !== 'LSTM') return null;
  const isOther = config['activation'] !== 'tanh' || config['recurrent_activation'] !== 'sigmoid';
  if (isOther) return `an ${type} with other activations than tanh and sigmoid, ${name}`;
  return config['go_backwards'] === true ? `an ${type} that runs backwards, ${name}` : null;
}
