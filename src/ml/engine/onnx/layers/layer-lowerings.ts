import { add, multiply, subtract } from '../../graph/elementwise.js';
import { concat, reshape, slice, transpose } from '../../graph/movement.js';
import { expand } from '../../graph/reductions.js';
import { mean } from '../../graph/mean.js';
import { applyActivation } from './activation.js';
import { bidirectional } from './bidirectional.js';
import { conv1d } from './conv1d.js';
import { dense } from './dense.js';
import { gru } from './gru.js';
import { layerNormalization } from './layer-normalization.js';
import type { LayerLowering } from './layer-lowering.js';
import { lstm } from './lstm.js';
import { multiHeadAttention } from './multi-head-attention.js';

const reshaped: LayerLowering = (g, layer, [input]) => reshape(g, input!, [input!.shape[0]!, ...layer.outputShape]);

/** One entry for each layer of the table in `layers.ts`. */
export const LAYER_LOWERINGS: Readonly<Record<string, LayerLowering>> = {
  Dense: dense,
  LSTM: lstm,
  GRU: gru,
  Bidirectional: bidirectional,
  Conv1D: conv1d,
  LayerNormalization: layerNormalization,
  MultiHeadAttention: multiHeadAttention,
  Activation: (g, layer, [input]) => applyActivation(g, layer, input!),
  Dropout: (g, _layer, [input], { mask }) => (mask ? multiply(g, input!, mask) : input!),
  Rescaling(g, layer, [input]) {
    const constant = (value: unknown) => {
      const list = typeof value === 'number' ? [value] : (value as readonly number[]);
      return g.constant(list, typeof value === 'number' ? [] : [list.length]);
    };
    return add(g, multiply(g, input!, constant(layer.config['scale'])), constant(layer.config['offset']));
  },
  Reshape: reshaped,
  Flatten: reshaped,
  Permute(g, layer, [input]) {
    const dims = layer.config['dims'] as readonly number[];
    return transpose(g, input!, [0, ...dims]);
  },
  RepeatVector(g, layer, [input]) {
    const [rows, width] = input!.shape as readonly [number, number];
    return expand(g, reshape(g, input!, [rows, 1, width]), [rows, layer.outputShape[0]!, width]);
  },
  Cropping1D(g, layer, [input]) {
    const [first, last] = layer.config['cropping'] as readonly [number, number];
    return slice(g, input!, 1, first, input!.shape[1]! - last);
  },
  GlobalAveragePooling1D: (g, _layer, [input]) => mean(g, input!, [1]),
  Add: (g, _layer, inputs) => inputs.reduce((sum, input) => add(g, sum, input)),
  Subtract: (g, _layer, [first, second]) => subtract(g, first!, second!),
  Multiply: (g, _layer, inputs) => inputs.reduce((product, input) => multiply(g, product, input)),
  Concatenate: (g, layer, inputs) => {
    const axis = layer.config['axis'] as number;
    return concat(g, inputs, axis < 0 ? inputs[0]!.shape.length + axis : axis);
  },
};
