import { openEngine } from '#src/ml/engine/open-engine.js';
import type { EngineName } from '#src/ml/engine/network-engine.js';
import type { NetworkArchitecture, NetworkWeights } from '#src/ml/engine/network.js';
import type { TrainingSetup } from '#src/ml/engine/training-setup.js';

const architecture: NetworkArchitecture = {
  name: 'net',
  inputs: [{ name: 'x', shape: [1] }],
  layers: [{ type: 'Dense', name: 'd', config: { units: 2 } }],
  outputs: ['d'],
};
const weights: NetworkWeights = {
  d: {
    kernel: { shape: [1, 2], data: Float32Array.of(1, -1) },
    bias: { shape: [2], data: Float32Array.of(0.5, 0) },
  },
};
const setup: TrainingSetup = {
  loss: { name: 'mse' },
  optimiser: { name: 'sgd', momentum: 0 },
  clipNorm: null,
  batchSize: 2,
  state: null,
  masksTargets: true,
};

/** Loss before one step with a rate of 0.1, and the weights after it. */
async function trained(name: EngineName, targets: Float32Array, targetWeights: Float32Array) {
  const runner = await (await openEngine(name)).open(architecture, weights, setup);
  const losses = await runner.train({
    steps: 1,
    inputs: [Float32Array.of(1, 2)],
    targets,
    targetWeights,
    weights: Float32Array.of(0.5, 0.5),
    learningRates: Float32Array.of(0.1),
    masks: {},
  });
  const { kernel, bias } = runner.weights()['d']!;
  await runner.dispose();
  return { loss: losses[0]!, kernel: [...kernel!.data], bias: [...bias!.data] };
}

test.each<EngineName>(['onnx', 'onnx-web'])(
  '%s multiplies the loss of each target value with its weight',
  async (name) => {
    // Outputs [1.5, −1] and [2.5, −2]; the first of the first row and the second of the second count, the last one twice.
    const found = await trained(name, Float32Array.of(1, 77, -1e6, 0), Float32Array.of(1, 0, 0, 2));
    expect(found.loss).toBeCloseTo((0.5 ** 2 + 2 * 2 ** 2) / 4, 6);
    // d loss / d output = weight · 2 · error / 4: 0.25 and −2.
    expect(found.bias[0]).toBeCloseTo(0.5 - 0.1 * 0.25, 6);
    expect(found.bias[1]).toBeCloseTo(0.1 * 2, 6);
    expect(found.kernel[0]).toBeCloseTo(1 - 0.1 * 0.25, 6);
    expect(found.kernel[1]).toBeCloseTo(-1 + 0.1 * 2 * 2, 6);
    const others = await trained(name, Float32Array.of(1, -3, 8, 0), Float32Array.of(1, 0, 0, 2));
    expect(others).toEqual(found);
  },
);

test('the oracle refuses masks of single values', async () => {
  const engine = await openEngine('tfjs-wasm');
  const adam = { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7, decay: 0 } as const;
  await expect(engine.open(architecture, weights, { ...setup, optimiser: adam })).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    details: { lacks: 'masks of single target values' },
  });
});
