import { adam, gradientDescent } from '#src/ml/autoencoder/descent.js';

test('gradient descent moves by rate times gradient', () => {
  const parameters = Float64Array.of(1, 2);
  gradientDescent(0.1)(parameters, Float64Array.of(4, -0.5));
  expect([...parameters]).toEqual([1 - 0.1 * 4, 2 + 0.1 * 0.5]);
});

test('three steps of Adam with gradients 1, 2, −1 give the numbers worked out by hand', () => {
  const parameters = Float64Array.of(0.5);
  const move = adam(0.01, 1);
  // m = .1, .29, .161; v = .001, .004999, .005994001; each step 0.01·m̂ / √v̂ with m̂ = m / (1 − .9ᵗ), v̂ = v / (1 − .999ᵗ).
  const expected = [0.49, 0.48034818, 0.47614729];
  [1, 2, -1].forEach((gradient, at) => {
    move(parameters, Float64Array.of(gradient));
    expect(parameters[0]).toBeCloseTo(expected[at]!, 6);
  });
});
