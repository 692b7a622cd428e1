/**
 * The layers that networks are made of: one table for engines (what to compute), initialisation (what to draw) and
 * exporters (what to write). Names, configuration fields and their defaults are those of Keras 3; shapes are without
 * the batch axis.
 */
export type Shape = readonly number[];

export interface WeightSpecification {
  /** Keras' name, for example `recurrent_kernel`. */
  readonly name: string;
  readonly shape: Shape;
}

export type LayerConfig = Readonly<Record<string, unknown>>;

export interface LayerDefinition {
  /** Configuration fields with their defaults; `REQUIRED` where Keras has none. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Takes a list of equally shaped tensors instead of one. */
  readonly merges?: boolean;
  /** The tensors of such a list may differ in their last axis. */
  readonly joins?: boolean;
  /** What Keras knows and no engine here computes, in words; null where there is nothing of the kind. */
  refusal?(config: LayerConfig, inputs: readonly Shape[]): string | null;
  outputShape(config: LayerConfig, inputs: readonly Shape[]): Shape;
  /** In the order in which Keras' `build` adds them, which numbers them in a file. */
  weights(config: LayerConfig, inputs: readonly Shape[]): readonly WeightSpecification[];
}

/** Marks a field without default. */
export const REQUIRED = Symbol('required');

const none = (): readonly WeightSpecification[] => [];
const sameShape = (_config: LayerConfig, [input]: readonly Shape[]): Shape => input!;
const size = (shape: Shape): number => shape.reduce((product, extent) => product * extent, 1);
const lastOf = (shape: Shape): number => shape[shape.length - 1]!;

/** An axis is counted with the batch, or from the end. */
const isLastAxis = (axis: unknown, [input]: readonly Shape[]): boolean => axis === -1 || axis === input!.length;
const notLastAxis = (config: LayerConfig, inputs: readonly Shape[]): string | null =>
  isLastAxis(config['axis'], inputs) ? null : `axis is ${String(config['axis'])}, and can only be the last one`;

function recurrentRefusal(config: LayerConfig): string | null {
  const { activation, recurrent_activation: gates } = config;
  if (activation !== 'tanh' || gates !== 'sigmoid') {
    return `its activations are ${String(activation)} and ${String(gates)}, and can only be tanh and sigmoid`;
  }
  return config['go_backwards'] === true && config['return_sequences'] === true
    ? 'it goes backwards and returns sequences, and can only do one of them'
    : null;
}

function recurrentOutput(config: LayerConfig, [input]: readonly Shape[]): Shape {
  const units = config['units'] as number;
  return config['return_sequences'] ? [input![0]!, units] : [units];
}

/** A layer inside a wrapper, as Keras writes one. */
export interface WrappedLayer {
  readonly class_name: string;
  readonly config: LayerConfig;
}

/** The recurrent layer of a `Bidirectional` with its defaults filled in. */
export function wrappedLayer(config: LayerConfig): { readonly type: string; readonly config: LayerConfig } {
  const { class_name: type, config: given } = config['layer'] as WrappedLayer;
  if (type !== 'LSTM' && type !== 'GRU') throw new Error(`Bidirectional wraps an LSTM or a GRU, not a ${type}`);
  return { type, config: completeConfig(type, given) };
}

/** Fills in defaults; throws for fields that the layer does not have, and for those it needs. */
export function completeConfig(type: string, given: LayerConfig): LayerConfig {
  const { fields } = LAYERS[type]!;
  for (const field of Object.keys(given)) {
    if (!Object.hasOwn(fields, field)) throw new Error(`${type} has no field ${field}`);
  }
  return Object.fromEntries(
    Object.entries(fields).map(([field, byDefault]) => {
      const value = given[field] ?? byDefault;
      if (value === REQUIRED) throw new Error(`${type} needs the field ${field}`);
      return [field, value];
    }),
  );
}

export const LAYERS: Readonly<Record<string, LayerDefinition>> = {
  /** y = activation(x·kernel + bias) over the last axis. */
  Dense: {
    fields: { units: REQUIRED, activation: 'linear', use_bias: true, trainable: true },
    outputShape: (config, [input]) => [...input!.slice(0, -1), config['units'] as number],
    weights(config, [input]) {
      const units = config['units'] as number;
      const kernel = { name: 'kernel', shape: [lastOf(input!), units] };
      return config['use_bias'] ? [kernel, { name: 'bias', shape: [units] }] : [kernel];
    },
  },
  /**
   * z = x[t]·kernel + h[t−1]·recurrent_kernel + bias, cut into gates i, f, c, o; c[t] = σ(f)·c[t−1] + σ(i)·tanh(c);
   * h[t] = σ(o)·tanh(c[t]). Input [steps, inputs]; output [units], or [steps, units] with return_sequences.
   */
  LSTM: {
    fields: {
      units: REQUIRED,
      activation: 'tanh',
      recurrent_activation: 'sigmoid',
      use_bias: true,
      return_sequences: false,
      go_backwards: false,
      dropout: 0,
      recurrent_dropout: 0,
      trainable: true,
    },
    refusal: recurrentRefusal,
    outputShape: recurrentOutput,
    weights(config, [input]) {
      const units = config['units'] as number;
      const matrices = [
        { name: 'kernel', shape: [lastOf(input!), 4 * units] },
        { name: 'recurrent_kernel', shape: [units, 4 * units] },
      ];
      return config['use_bias'] ? [...matrices, { name: 'bias', shape: [4 * units] }] : matrices;
    },
  },
  /**
   * Gates z, r, n: r, z = σ(x·W + h·U + b); n = tanh(x·Wₙ + bₙ + r·(h·Uₙ + cₙ)); h′ = z·h + (1 − z)·n. The bias is
   * [2, 3·units], that of the input and that of the state.
   */
  GRU: {
    fields: {
      units: REQUIRED,
      activation: 'tanh',
      recurrent_activation: 'sigmoid',
      use_bias: true,
      return_sequences: false,
      go_backwards: false,
      reset_after: true,
      dropout: 0,
      recurrent_dropout: 0,
      trainable: true,
    },
    refusal: (config) =>
      config['reset_after'] === true ? recurrentRefusal(config) : 'reset_after is false, and can only be true',
    outputShape: recurrentOutput,
    weights(config, [input]) {
      const units = config['units'] as number;
      const matrices = [
        { name: 'kernel', shape: [lastOf(input!), 3 * units] },
        { name: 'recurrent_kernel', shape: [units, 3 * units] },
      ];
      return config['use_bias'] ? [...matrices, { name: 'bias', shape: [2, 3 * units] }] : matrices;
    },
  },
  /**
   * One recurrent layer forwards and one backwards over the steps, both with the configuration of `layer`, side by side:
   * [2·units], or [steps, 2·units], where a step has the backward layer's state of that step.
   */
  Bidirectional: {
    fields: { layer: REQUIRED, merge_mode: 'concat', trainable: true },
    refusal(config, inputs) {
      const { type, config: inner } = wrappedLayer(config);
      if (config['merge_mode'] !== 'concat')
        return `merge_mode is ${String(config['merge_mode'])}, and can only be concat`;
      if (inner['go_backwards'] === true) return 'the layer inside goes backwards, and can only go forwards';
      return LAYERS[type]!.refusal?.(inner, inputs) ?? null;
    },
    outputShape(config, inputs) {
      const { type, config: inner } = wrappedLayer(config);
      const shape = LAYERS[type]!.outputShape(inner, inputs);
      return [...shape.slice(0, -1), 2 * lastOf(shape)];
    },
    weights(config, inputs) {
      const { type, config: inner } = wrappedLayer(config);
      const weights = LAYERS[type]!.weights(inner, inputs);
      return ['forward', 'backward'].flatMap((direction) =>
        weights.map(({ name, shape }) => ({ name: `${direction}_${name}`, shape })),
      );
    },
  },
  /** Convolution over time: [steps, inputs] → [steps′, filters]. */
  Conv1D: {
    fields: {
      filters: REQUIRED,
      kernel_size: REQUIRED,
      strides: 1,
      padding: 'valid',
      dilation_rate: 1,
      activation: 'linear',
      use_bias: true,
      trainable: true,
    },
    refusal(config) {
      const { padding, strides, dilation_rate: dilation, kernel_size: taps } = config;
      if (padding === 'causal') return strides === 1 ? null : `it is causal with strides of ${String(strides)}`;
      if (padding !== 'valid') return `padding is ${String(padding)}, and can only be causal or valid`;
      if (dilation !== 1) return 'it is dilated, and can only be so when it is causal';
      return (taps as number) % (strides as number) === 0
        ? null
        : `strides of ${String(strides)} do not divide the kernel of ${String(taps)}`;
    },
    outputShape(config, [input]) {
      const { filters, kernel_size: taps, strides, padding } = config as Readonly<Record<string, number>>;
      const steps = input![0]!;
      return [String(padding) === 'causal' ? steps : Math.floor((steps - taps!) / strides!) + 1, filters!];
    },
    weights(config, [input]) {
      const filters = config['filters'] as number;
      const kernel = { name: 'kernel', shape: [config['kernel_size'] as number, lastOf(input!), filters] };
      return config['use_bias'] ? [kernel, { name: 'bias', shape: [filters] }] : [kernel];
    },
  },
  /** Over the last axis: (x − mean) / √(variance + epsilon)·gamma + beta. */
  LayerNormalization: {
    fields: { axis: -1, epsilon: 1e-3, center: true, scale: true, trainable: true },
    refusal(config, inputs) {
      if (config['center'] !== true || config['scale'] !== true) return 'center and scale can only be true';
      return notLastAxis(config, inputs);
    },
    outputShape: sameShape,
    weights: (_config, [input]) => [
      { name: 'gamma', shape: [lastOf(input!)] },
      { name: 'beta', shape: [lastOf(input!)] },
    ],
  },
  /** Self-attention over the steps of [steps, width]; reads its input as query, key and value. */
  MultiHeadAttention: {
    fields: { num_heads: REQUIRED, key_dim: REQUIRED, use_bias: true, trainable: true },
    outputShape: sameShape,
    weights(config, [input]) {
      const { num_heads: heads, key_dim: size } = config as Readonly<Record<string, number>>;
      const width = lastOf(input!);
      const projections = ['query', 'key', 'value'].flatMap((part) => [
        { name: `${part}_kernel`, shape: [width, heads!, size!] },
        ...(config['use_bias'] ? [{ name: `${part}_bias`, shape: [heads!, size!] }] : []),
      ]);
      const output = { name: 'output_kernel', shape: [heads!, size!, width] };
      return [...projections, output, ...(config['use_bias'] ? [{ name: 'output_bias', shape: [width] }] : [])];
    },
  },
  Activation: { fields: { activation: REQUIRED }, outputShape: sameShape, weights: none },
  /** In training sets a share `rate` of the values to 0 and divides the others by 1 − rate; else passes them on. */
  Dropout: { fields: { rate: REQUIRED }, outputShape: sameShape, weights: none },
  /** y = x·scale + offset; each a number or a list over the last axis. */
  Rescaling: { fields: { scale: REQUIRED, offset: 0 }, outputShape: sameShape, weights: none },
  Reshape: {
    fields: { target_shape: REQUIRED },
    outputShape(config, [input]) {
      const target = config['target_shape'] as Shape;
      if (size(target) !== size(input!)) throw new Error(`[${input!.join()}] cannot be reshaped to [${target.join()}]`);
      return target;
    },
    weights: none,
  },
  Flatten: { fields: {}, outputShape: (_config, [input]) => [size(input!)], weights: none },
  /** Reorders the axes; `dims` counts them from 1. */
  Permute: {
    fields: { dims: REQUIRED },
    outputShape: (config, [input]) => (config['dims'] as readonly number[]).map((axis) => input![axis - 1]!),
    weights: none,
  },
  /** Mean over the steps: [steps, features] → [features]. */
  GlobalAveragePooling1D: { fields: {}, outputShape: (_config, [input]) => [lastOf(input!)], weights: none },
  /** [features] → [n, features]. */
  RepeatVector: {
    fields: { n: REQUIRED },
    outputShape: (config, [input]) => [config['n'] as number, input![0]!],
    weights: none,
  },
  /** Drops `cropping` = [first, last] steps from both ends of [steps, features]. */
  Cropping1D: {
    fields: { cropping: REQUIRED },
    outputShape(config, [input]) {
      const [first, last] = config['cropping'] as readonly [number, number];
      return [input![0]! - first - last, input![1]!];
    },
    weights: none,
  },
  Multiply: { fields: {}, merges: true, outputShape: sameShape, weights: none },
  /** Along the last axis. */
  Concatenate: {
    fields: { axis: -1 },
    merges: true,
    joins: true,
    refusal: notLastAxis,
    outputShape: (_config, inputs) => [
      ...inputs[0]!.slice(0, -1),
      inputs.reduce((width, input) => width + lastOf(input), 0),
    ],
    weights: none,
  },
  Add: { fields: {}, merges: true, outputShape: sameShape, weights: none },
  /** First minus second. */
  Subtract: { fields: {}, merges: true, outputShape: sameShape, weights: none },
};
