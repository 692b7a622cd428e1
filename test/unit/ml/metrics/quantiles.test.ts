import { normalQuantile } from '#src/ml/metrics/normal-quantile.js';
import { studentTQuantiles } from '#src/ml/metrics/student-t-quantile.js';
import { studentTCdf } from '#src/ml/metrics/student-t.js';

test.each([
  [0.5, 0],
  [0.975, 1.959963984540054],
  [0.1, -1.2815515655446004],
  [0.999, 3.090232306167813],
  [1e-10, -6.361340902404056],
  [1e-20, -9.262340089798409],
])('the normal quantile of %p is %p', (p, z) => {
  expect(normalQuantile(p)).toBeCloseTo(z, 12);
});

test('the t quantile is the published one, and the normal one in the limit', () => {
  // Tables of Student's t, two-sided 95 % and one-sided 90 %.
  expect(studentTQuantiles(0.975)(2)).toBeCloseTo(4.302653, 5);
  expect(studentTQuantiles(0.975)(10)).toBeCloseTo(2.228139, 4);
  expect(studentTQuantiles(0.1)(5)).toBeCloseTo(-1.475884, 4);
  expect(studentTQuantiles(0.9)(1e9)).toBeCloseTo(normalQuantile(0.9), 6);
});

test('between the nodes of its table the t quantile still inverts the distribution function, to 1e-5', () => {
  for (const level of [0.001, 0.025, 0.3, 0.5, 0.9, 0.999]) {
    const quantile = studentTQuantiles(level);
    for (const degrees of [2, 2.003, 2.51, 3.7, 9.1, 40.3, 700]) {
      expect(Math.abs(studentTCdf(quantile(degrees), degrees) - level)).toBeLessThan(1e-5);
    }
  }
});
