import { createAdam } from '#src/ml/engine/adam.js';
import { ADAM } from '#src/ml/engine/training-setup.js';

test('the first step moves each weight by the learning rate against its gradient', () => {
  const weights = { w: Float32Array.of(1, 1, 1) };
  createAdam(ADAM).apply(weights, { w: Float32Array.of(4, -0.5, 0) }, 0.1);
  expect(weights.w[0]).toBeCloseTo(0.9, 5);
  expect(weights.w[1]).toBeCloseTo(1.1, 5);
  expect(weights.w[2]).toBe(1);
});

test('three steps with gradients 1, 2, −1 follow the formula worked out in double precision', () => {
  const weights = { w: Float32Array.of(0.5) };
  const adam = createAdam(ADAM);
  let [m, v, w] = [0, 0, 0.5];
  [1, 2, -1].forEach((g, at) => {
    adam.apply(weights, { w: Float32Array.of(g) }, 0.01);
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    const rate = (0.01 * Math.sqrt(1 - 0.999 ** (at + 1))) / (1 - 0.9 ** (at + 1));
    w -= (rate * m) / (Math.sqrt(v) + 1e-7);
    expect(weights.w[0]).toBeCloseTo(w, 6);
  });
});

test('going on from a saved state gives the same bits as not stopping', () => {
  const gradients = [0.3, -0.1, 0.7, 0.2].map((g) => ({ w: Float32Array.of(g, -g) }));
  const whole = { w: Float32Array.of(1, 2) };
  const adam = createAdam(ADAM);
  for (const gradient of gradients) adam.apply(whole, gradient, 0.05);
  const halves = { w: Float32Array.of(1, 2) };
  const first = createAdam(ADAM);
  for (const gradient of gradients.slice(0, 2)) first.apply(halves, gradient, 0.05);
  const saved = first.state();
  first.apply({ w: Float32Array.of(0, 0) }, gradients[0]!, 0.05);
  const second = createAdam(ADAM, saved);
  for (const gradient of gradients.slice(2)) second.apply(halves, gradient, 0.05);
  expect(halves.w).toEqual(whole.w);
  expect(second.state()).toEqual(adam.state());
});

test('a missing gradient is a bug', () => {
  expect(() => createAdam(ADAM).apply({ w: Float32Array.of(1) }, {}, 0.1)).toThrow('there is no gradient of w');
});
