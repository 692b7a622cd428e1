import { assertNever } from '../../common/assert-never.js';
import { tanh } from '../engine/squashing.js';
import type { Random } from '../engine/random.js';
import { addProduct, type Strides } from './matrix-product.js';

/** Made of the four basic operations only, so that every machine computes the same bits: no `exp`, hence no ELU. */
export type Activation = 'linear' | 'tanh' | 'leaky-relu';

export interface LayerShape {
  readonly units: number;
  readonly activation: Activation;
}

export interface DenseLayer extends LayerShape {
  readonly inputs: number;
  /** [units, inputs], row-major. */
  readonly weights: Float64Array;
  /** [units] */
  readonly bias: Float64Array;
}

/** Slope of the leaky rectifier below 0 (Maas et al., Rectifier Nonlinearities, 2013). */
const LEAK = 0.01;

/**
 * Layers y = f(W·x + b), one after the other. All weights are views of one array, `parameters`, in the order W₁, b₁,
 * W₂, …: what moves, copies or compares them sees one vector.
 */
export class DenseNetwork {
  readonly layers: readonly DenseLayer[];

  constructor(
    readonly inputs: number,
    shapes: readonly LayerShape[],
    readonly parameters: Float64Array = new Float64Array(parameterCount(inputs, shapes)),
  ) {
    this.layers = layersOver(parameters, inputs, shapes);
  }

  /** Weights uniform on ±√(6 / (inputs + units)) (Glorot & Bengio, AISTATS 2010), biases 0. */
  draw(random: Random): void {
    for (const { inputs, units, weights, bias } of this.layers) {
      const limit = Math.sqrt(6 / (inputs + units));
      for (let at = 0; at < weights.length; at++) weights[at] = (2 * random.uniform() - 1) * limit;
      bias.fill(0);
    }
  }
}

/** The output of the last layer, [rows, units], of `rows` rows of `x` [rows, inputs]. */
export function forward(layers: readonly DenseLayer[], x: Float64Array, rows: number): Float64Array {
  let input = x;
  for (const layer of layers) {
    const output = new Float64Array(rows * layer.units);
    applyLayer(layer, input, rows, output);
    input = output;
  }
  return input;
}

/** Forward and backward passes over up to `maximumRows` rows at once; every buffer is made once. */
export class GradientPass {
  /** ∂L/∂parameters, summed over the calls of `backward` since it was last filled with 0. */
  readonly gradient: Float64Array;
  private readonly gradientLayers: readonly DenseLayer[];
  private readonly outputs: readonly Float64Array[];
  private readonly deltas: readonly Float64Array[];

  constructor(
    private readonly network: DenseNetwork,
    readonly maximumRows: number,
  ) {
    const { inputs, layers, parameters } = network;
    this.gradient = new Float64Array(parameters.length);
    this.gradientLayers = layersOver(this.gradient, inputs, layers);
    this.outputs = layers.map(({ units }) => new Float64Array(maximumRows * units));
    this.deltas = layers.map(({ units }) => new Float64Array(maximumRows * units));
  }

  /** The output of the last layer; overwritten by the next call. */
  forward(x: Float64Array, rows: number): Float64Array {
    this.network.layers.forEach((layer, at) => {
      applyLayer(layer, at === 0 ? x : this.outputs[at - 1]!, rows, this.outputs[at]!);
    });
    return this.outputs.at(-1)!;
  }

  /** Where the caller puts ∂L/∂output before `backward`. */
  get outputDelta(): Float64Array {
    return this.deltas.at(-1)!;
  }

  /** Adds the gradient of the rows that the last `forward` was given. */
  backward(x: Float64Array, rows: number): void {
    const { layers } = this.network;
    for (let at = layers.length - 1; at >= 0; at--) {
      const { inputs, units, weights, activation } = layers[at]!;
      const delta = this.deltas[at]!;
      multiplyBySlope(activation, this.outputs[at]!, delta, rows * units);
      const gradient = this.gradientLayers[at]!;
      const input = at === 0 ? x : this.outputs[at - 1]!;
      addProduct(delta, columnMajor(units), input, rowMajor(inputs), units, inputs, rows, gradient.weights);
      addColumnSums(delta, rows, units, gradient.bias);
      if (at === 0) break;
      const before = this.deltas[at - 1]!;
      before.fill(0, 0, rows * inputs);
      addProduct(delta, rowMajor(units), weights, rowMajor(inputs), rows, inputs, units, before);
    }
  }
}

function parameterCount(inputs: number, shapes: readonly LayerShape[]): number {
  return shapes.reduce((sum, { units }, at) => sum + units * ((shapes[at - 1]?.units ?? inputs) + 1), 0);
}

function layersOver(parameters: Float64Array, inputs: number, shapes: readonly LayerShape[]): DenseLayer[] {
  let at = 0;
  const take = (count: number): Float64Array => parameters.subarray(at, (at += count));
  return shapes.map(({ units, activation }, layer) => {
    const before = shapes[layer - 1]?.units ?? inputs;
    return { inputs: before, units, activation, weights: take(units * before), bias: take(units) };
  });
}

function applyLayer(layer: DenseLayer, input: Float64Array, rows: number, output: Float64Array): void {
  const { inputs, units, weights, bias, activation } = layer;
  for (let row = 0; row < rows; row++) output.set(bias, row * units);
  addProduct(input, rowMajor(inputs), weights, columnMajor(inputs), rows, units, inputs, output);
  activate(activation, output, rows * units);
}

function rowMajor(columns: number): Strides {
  return { row: columns, column: 1 };
}

/** The transpose of what is row-major with this many columns. */
function columnMajor(columns: number): Strides {
  return { row: 1, column: columns };
}

function activate(activation: Activation, values: Float64Array, count: number): void {
  switch (activation) {
    case 'linear':
      return;
    case 'tanh':
      for (let at = 0; at < count; at++) values[at] = tanh(values[at]!);
      return;
    case 'leaky-relu':
      for (let at = 0; at < count; at++) if (values[at]! < 0) values[at]! *= LEAK;
      return;
    default:
      return assertNever(activation);
  }
}

/** f′ written in terms of y = f(x): 1 − y² for tanh, the leak where y is below 0. */
function multiplyBySlope(activation: Activation, outputs: Float64Array, delta: Float64Array, count: number): void {
  switch (activation) {
    case 'linear':
      return;
    case 'tanh':
      for (let at = 0; at < count; at++) delta[at]! *= 1 - outputs[at]! * outputs[at]!;
      return;
    case 'leaky-relu':
      for (let at = 0; at < count; at++) if (outputs[at]! < 0) delta[at]! *= LEAK;
      return;
    default:
      return assertNever(activation);
  }
}

function addColumnSums(values: Float64Array, rows: number, columns: number, sums: Float64Array): void {
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) sums[column]! += values[at++]!;
  }
}
