import { sigmoid, tanh } from '#src/ml/engine/squashing.js';

test('tanh and sigmoid are within 3e-7 of the exact functions, everywhere', () => {
  let worst = 0;
  for (let x = -30; x <= 30; x += 0.001) {
    worst = Math.max(worst, Math.abs(tanh(x) - Math.tanh(x)), Math.abs(sigmoid(x) - 1 / (1 + Math.exp(-x))));
  }
  expect(worst).toBeLessThan(3e-7);
});

test('they are odd and meet their limits', () => {
  expect(tanh(0)).toBe(0);
  expect(tanh(-0.37)).toBe(-tanh(0.37));
  expect(tanh(Number.MAX_VALUE)).toBeCloseTo(1, 6);
  expect(sigmoid(0)).toBe(0.5);
  expect(sigmoid(-Infinity)).toBeGreaterThanOrEqual(0);
  expect(tanh(NaN)).toBeNaN();
});
