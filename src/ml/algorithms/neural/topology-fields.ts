import type { NetworkGraph } from '../../engine/network-graph.js';
import type { NetworkLayer } from '../../engine/network.js';
import { ACTIVATION_NAMES } from '../../engine/onnx/layers/activation.js';

/** What a field of a user's layer may hold, in words and as a rule. */
interface FieldRule {
  readonly what: string;
  holds(value: unknown): boolean;
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isWhole = (value: unknown, least: number): boolean => Number.isSafeInteger(value) && (value as number) >= least;

const COUNT: FieldRule = { what: 'a whole number from 1', holds: (value) => isWhole(value, 1) };
const FLAG: FieldRule = { what: 'true or false', holds: (value) => typeof value === 'boolean' };
const FACTOR: FieldRule = {
  what: 'a number or a list of numbers',
  holds: (value) => isNumber(value) || (Array.isArray(value) && value.length > 0 && value.every(isNumber)),
};
const listOf = (what: string, least: number, length?: number): FieldRule => ({
  what: `a list of ${what}`,
  holds: (value) =>
    Array.isArray(value) &&
    (length === undefined ? value.length > 0 : value.length === length) &&
    value.every((element) => isWhole(element, least)),
});

/** By field, whatever the layer: Keras means the same by it in each. */
const RULES: Readonly<Record<string, FieldRule>> = {
  units: COUNT,
  filters: COUNT,
  kernel_size: COUNT,
  strides: COUNT,
  dilation_rate: COUNT,
  n: COUNT,
  num_heads: COUNT,
  key_dim: COUNT,
  use_bias: FLAG,
  return_sequences: FLAG,
  go_backwards: FLAG,
  rate: { what: 'a share from 0 to less than 1', holds: (value) => isNumber(value) && value >= 0 && value < 1 },
  epsilon: { what: 'a number above 0', holds: (value) => isNumber(value) && value > 0 },
  scale: FACTOR,
  offset: FACTOR,
  activation: {
    what: `one of ${ACTIVATION_NAMES.join(', ')}`,
    holds: (value) => typeof value === 'string' && ACTIVATION_NAMES.includes(value),
  },
  cropping: listOf('two whole numbers from 0', 0, 2),
  target_shape: listOf('whole numbers from 1', 1),
  dims: {
    what: 'the numbers of the axes, each once',
    holds: (value) =>
      Array.isArray(value) &&
      value.every(isNumber) &&
      [...value].sort((one, other) => one - other).every((axis, at) => axis === at + 1),
  },
};

/** Of a normalisation, `scale` says whether there is one. */
const ruleOf = (type: string, field: string): FieldRule | undefined =>
  type === 'LayerNormalization' && field === 'scale' ? FLAG : RULES[field];

/** The first field that holds what it may not, in words; null where there is none. */
export function findMisfield({ type, name, config }: NetworkLayer): string | null {
  for (const [field, value] of Object.entries(config)) {
    const rule = ruleOf(type, field);
    if (rule === undefined || rule.holds(value)) continue;
    return `layer ${name} has ${field} = ${JSON.stringify(value) ?? 'nothing'}: it must be ${rule.what}`;
  }
  const inner = config['layer'] as { class_name: string; config: NetworkLayer['config'] } | undefined;
  return inner === undefined ? null : findMisfield({ type: inner.class_name, name, config: inner.config });
}

/** Axes, without that of the batch, that a layer reads; all others read any. */
const RANKS: Readonly<Record<string, number>> = {
  LSTM: 2,
  GRU: 2,
  Bidirectional: 2,
  Conv1D: 2,
  MultiHeadAttention: 2,
  GlobalAveragePooling1D: 2,
  Cropping1D: 2,
  RepeatVector: 1,
};

/** The first layer that reads another number of axes than it can, or leaves an empty one, in words. */
export function findMisshape({ layers }: NetworkGraph): string | null {
  for (const { type, name, config, inputShapes, outputShape } of layers) {
    const [input] = inputShapes;
    const rank = RANKS[type] ?? (type === 'Permute' ? (config['dims'] as readonly number[]).length : input!.length);
    if (input!.length !== rank) {
      return `${type} ${name} reads [${input!.join(', ')}], and it takes ${rank === 1 ? 'a vector' : `${rank} axes`}`;
    }
    if (!outputShape.every((extent) => isWhole(extent, 1))) {
      return `${type} ${name} makes [${outputShape.join(', ')}] of [${input!.join(', ')}]`;
    }
    const factors = type === 'Rescaling' ? [config['scale'], config['offset']] : [];
    const wrong = factors.find((factor) => Array.isArray(factor) && ![1, input!.at(-1)].includes(factor.length));
    if (wrong !== undefined)
      return `${type} ${name} has ${(wrong as unknown[]).length} factors for ${input!.at(-1)!} values`;
  }
  return null;
}
