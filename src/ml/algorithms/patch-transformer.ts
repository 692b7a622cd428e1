import { TrainyardError } from '../../common/errors/index.js';
import type { NetworkLayer, NetworkWeights } from '../engine/network.js';
import type { ParameterSpace, ValuesOf } from '../parameters.js';
import { networkAlgorithm } from './neural/network-algorithm.js';
import { dropoutLayers, headLayers, type CoreShape, type NetworkCore } from './neural/network-core.js';
import { NETWORK_PARAMETERS, withDefaults } from './neural/network-parameters.js';

const hyperparameters = {
  patchLength: {
    kind: 'integer',
    default: 16,
    minimum: 1,
    maximum: 256,
    unit: 'rows',
    description: 'Rows of a patch, which the transformer reads as one token; a multiple of the stride.',
  },
  stride: {
    kind: 'integer',
    default: 8,
    minimum: 1,
    maximum: 256,
    unit: 'rows',
    description: 'Rows between the starts of two patches; the last patch ends with the window.',
  },
  width: {
    kind: 'integer',
    default: 16,
    minimum: 2,
    maximum: 512,
    scale: 'log',
    description: 'Values of a token; a multiple of the heads.',
  },
  heads: { kind: 'integer', default: 4, minimum: 1, maximum: 16, description: 'Attention heads of each block.' },
  blocks: { kind: 'integer', default: 3, minimum: 1, maximum: 12, description: 'Transformer blocks.' },
  feedForward: {
    kind: 'integer',
    default: 128,
    minimum: 2,
    maximum: 2048,
    scale: 'log',
    description: 'Hidden units between attention layers.',
  },
  dropout: {
    kind: 'number',
    default: 0.2,
    minimum: 0,
    maximum: 0.9,
    description: 'Share of the values after the patches, each attention and each feed-forward that training drops.',
  },
  ...withDefaults(NETWORK_PARAMETERS, { channels: 'shared', learningRate: 1e-3 }),
} as const satisfies ParameterSpace;

type PatchParameters = ValuesOf<typeof hyperparameters>;

/**
 * A transformer over patches of the window: each patch becomes a token, learned positions are added, blocks of
 * self-attention and feed-forward follow, and one Dense layer leads from all tokens to all steps.
 *
 *   x ← x + attention(norm(x));  x ← x + W₂·gelu(W₁·norm(x))
 *
 * Channels are shared: every target is a sample of its own. What differs from the source: the last value is taken off
 * instead of mean and deviation of the window, unless normalisation is `instance`; layers are normalised over a token, before attention (Xiong et al., ICML
 * 2020), not over the batch, since a forecast must not depend on what stands beside it, and not once more before the last
 * layer: the tokens keep the height of their patches, so that the network holds a linear forecast of the window as it is
 * and the blocks add to it; the patches end with the window without a repeated last value.
 *
 * Keras has no layer of learned positions that is written without code of one's own. Here they are the kernel of a Dense
 * layer that reads the constant 1, which a Dense layer that is not trained makes with a kernel of 0 and a bias of 1.
 * Source: PatchTST of Nie et al., A Time Series is Worth 64 Words, ICLR 2023.
 */
export const patchTransformer = networkAlgorithm({
  name: 'patch-transformer',
  title: 'Patch transformer',
  description:
    'Self-attention over patches of the window, one model for every target: the strongest network on long windows, and ' +
    'the slowest to train.',
  hyperparameters,
  core: patchCore,
});

function patchCore(parameters: PatchParameters, shape: CoreShape): NetworkCore {
  const { patchLength, stride, width, heads, blocks, feedForward, dropout } = parameters;
  const { lookBack } = shape;
  const refuse = (path: string, message: string, value: number, limit: number): never => {
    throw new TrainyardError('PARAMETER_INVALID', message, { path: `algorithm.hyperparameters.${path}`, value, limit });
  };
  if (patchLength > lookBack) {
    const message = `patchLength is ${patchLength} and the window has ${lookBack} rows; take shorter patches, or a longer windows.lookBack.`;
    refuse('patchLength', message, patchLength, lookBack);
  }
  if (patchLength % stride !== 0) {
    const message = `patchLength is ${patchLength}, which a stride of ${stride} does not divide; take a multiple.`;
    refuse('patchLength', message, patchLength, stride);
  }
  if (width % heads !== 0) {
    refuse('width', `width is ${width}, which ${heads} heads do not divide; take a multiple.`, width, heads);
  }
  const skipped = (lookBack - patchLength) % stride;
  const patches = (lookBack - patchLength - skipped) / stride + 1;
  const patching = { filters: width, kernel_size: patchLength, strides: stride };
  const layers: NetworkLayer[] = [
    { type: 'Cropping1D', name: 'one_row', config: { cropping: [lookBack - 1, 0] }, from: [shape.window] },
    { type: 'Flatten', name: 'one_row_values', config: {} },
    { type: 'Dense', name: 'one', config: { units: 1, trainable: false } },
    { type: 'Dense', name: 'positions', config: { units: patches * width, use_bias: false } },
    { type: 'Reshape', name: 'position_rows', config: { target_shape: [patches, width] } },
    ...(skipped > 0
      ? [{ type: 'Cropping1D', name: 'latest', config: { cropping: [skipped, 0] }, from: [shape.window] }]
      : []),
    { type: 'Conv1D', name: 'patches', config: patching, from: [skipped > 0 ? 'latest' : shape.window] },
    { type: 'Add', name: 'tokens', config: {}, from: ['patches', 'position_rows'] },
    ...dropoutLayers('dropout_0', dropout),
  ];
  const lastName = (): string => layers[layers.length - 1]!.name;
  /** x + dropout(inner(norm(x))) */
  const residual = (name: string, inner: readonly NetworkLayer[]): void => {
    const before = lastName();
    layers.push(
      { type: 'LayerNormalization', name: `norm_${name}`, config: { epsilon: 1e-5 } },
      ...inner,
      ...dropoutLayers(`dropout_${name}`, dropout),
    );
    layers.push({ type: 'Add', name: `sum_${name}`, config: {}, from: [before, lastName()] });
  };
  for (let n = 1; n <= blocks; n++) {
    residual(`attention_${n}`, [
      { type: 'MultiHeadAttention', name: `attention_${n}`, config: { num_heads: heads, key_dim: width / heads } },
    ]);
    residual(`forward_${n}`, [
      { type: 'Dense', name: `up_${n}`, config: { units: feedForward, activation: 'gelu' } },
      { type: 'Dense', name: `down_${n}`, config: { units: width } },
    ]);
  }
  layers.push({ type: 'Flatten', name: 'all_tokens', config: {} });
  return { layers: [...layers, ...headLayers(shape)], fixed: constantOne(shape.width) };
}

/** Reads a row and gives 1. */
function constantOne(width: number): NetworkWeights {
  return {
    one: {
      kernel: { shape: [width, 1], data: new Float32Array(width) },
      bias: { shape: [1], data: Float32Array.of(1) },
    },
  };
}
