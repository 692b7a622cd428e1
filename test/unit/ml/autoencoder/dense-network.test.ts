import { DenseNetwork, forward, GradientPass, type Activation } from '#src/ml/autoencoder/dense-network.js';
import { createRandom } from '#src/ml/engine/random.js';
import { seededUniform } from '../../../support/series.js';

const INPUTS = 5;
const ROWS = 7;

function networkOf(activation: Activation): DenseNetwork {
  const network = new DenseNetwork(INPUTS, [
    { units: 6, activation },
    { units: 2, activation: 'linear' },
    { units: 6, activation },
    { units: INPUTS, activation: 'linear' },
  ]);
  network.draw(createRandom(3));
  // Biases away from 0, so that their gradients are tested somewhere else than at the start.
  network.layers.forEach(({ bias }, layer) => bias.forEach((_, at) => (bias[at] = 0.1 * (layer - at))));
  return network;
}

function inputRows(rows: number): Float64Array {
  const uniform = seededUniform(9);
  return Float64Array.from({ length: rows * INPUTS }, () => 2 * uniform() - 1);
}

/** Σ c·y over the outputs, with the fixed coefficients c = sin(1), sin(2), …: its gradient at the output is c. */
const coefficient = (at: number): number => Math.sin(at + 1);

describe.each(['tanh', 'leaky-relu'] as const)('a network with %s layers', (activation) => {
  it('has the gradient that central differences give, to 1e-5', () => {
    const network = networkOf(activation);
    const x = inputRows(ROWS);
    const objective = (): number =>
      forward(network.layers, x, ROWS).reduce((sum, y, at) => sum + coefficient(at) * y, 0);
    const pass = new GradientPass(network, ROWS + 2);
    pass.forward(x, ROWS);
    for (let at = 0; at < ROWS * INPUTS; at++) pass.outputDelta[at] = coefficient(at);
    pass.backward(x, ROWS);
    const step = 1e-5;
    let largest = 0;
    network.parameters.forEach((value, at) => {
      network.parameters[at] = value + step;
      const above = objective();
      network.parameters[at] = value - step;
      const below = objective();
      network.parameters[at] = value;
      largest = Math.max(largest, Math.abs((above - below) / (2 * step) - pass.gradient[at]!));
    });
    expect(network.parameters).toHaveLength(5 * 6 + 6 + 6 * 2 + 2 + 2 * 6 + 6 + 6 * 5 + 5);
    expect(largest).toBeLessThan(1e-5);
  });

  it('adds up the gradients of blocks to that of all rows', () => {
    const network = networkOf(activation);
    const x = inputRows(ROWS);
    const gradientOf = (blocks: readonly number[]): Float64Array => {
      const pass = new GradientPass(network, ROWS);
      let from = 0;
      for (const rows of blocks) {
        const block = x.subarray(from * INPUTS, (from + rows) * INPUTS);
        pass.forward(block, rows);
        for (let at = 0; at < block.length; at++) pass.outputDelta[at] = coefficient(from * INPUTS + at);
        pass.backward(block, rows);
        from += rows;
      }
      return pass.gradient;
    };
    const [whole, parts] = [gradientOf([ROWS]), gradientOf([4, 1, 2])];
    whole.forEach((value, at) => expect(parts[at]).toBeCloseTo(value, 12));
  });

  it('gives a row the same bits alone and among others', () => {
    const network = networkOf(activation);
    const x = inputRows(ROWS);
    const all = forward(network.layers, x, ROWS);
    for (let row = 0; row < ROWS; row++) {
      const alone = forward(network.layers, x.slice(row * INPUTS, (row + 1) * INPUTS), 1);
      expect(alone).toEqual(all.slice(row * INPUTS, (row + 1) * INPUTS));
    }
  });
});

test('draws weights inside the limit of Glorot and Bengio, seeded, with biases 0', () => {
  const [one, same, other] = [4, 4, 5].map((seed) => {
    const network = new DenseNetwork(3, [{ units: 3, activation: 'linear' }]);
    network.draw(createRandom(seed));
    return network;
  });
  expect(same!.parameters).toEqual(one!.parameters);
  expect(other!.parameters).not.toEqual(one!.parameters);
  expect(Math.max(...one!.layers[0]!.weights.map(Math.abs))).toBeLessThanOrEqual(1);
  expect(one!.layers[0]!.bias).toEqual(new Float64Array(3));
});
