import {
  curvatureBound,
  fitMultinomial,
  penalisedLoss,
  sharesOnly,
  type ClassifiedRows,
} from '#src/ml/algorithms/direction/multinomial.js';
import { createRandom } from '#src/ml/engine/random.js';

/** Classes drawn from a known model, so that the columns matter and nothing is separable. */
function drawn(count: number, width: number, isWeighted = false): ClassifiedRows {
  const random = createRandom(5);
  const rows = Float64Array.from({ length: count * width }, () => random.normal());
  const labels = Uint8Array.from({ length: count }, (_, row) => {
    const score = rows[row * width]! - rows[row * width + 1]! + random.normal();
    return score < -0.5 ? 0 : score > 0.5 ? 2 : 1;
  });
  const weights = isWeighted ? Float64Array.from({ length: count }, (_, row) => (row % 4) / 1.5) : null;
  return { rows, width, labels, weights };
}

describe('fitMultinomial', () => {
  it.each([false, true])('has the gradient of its loss, weighted: %s', (isWeighted) => {
    const given = drawn(60, 3, isWeighted);
    const random = createRandom(9);
    const theta = Float64Array.from({ length: 12 }, () => random.normal());
    const gradient = new Float64Array(12);
    penalisedLoss(given, 0.3, theta, gradient);
    const step = 1e-5;
    theta.forEach((_, at) => {
      const moved = (by: number) => {
        const other = theta.slice();
        other[at]! += by;
        return penalisedLoss(given, 0.3, other, new Float64Array(12));
      };
      expect(gradient[at]).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 8);
    });
  });

  it('ends where the gradient is zero, at the same point with and without preconditioner', () => {
    const given = drawn(400, 4, true);
    const bound = curvatureBound(given, 400)!;
    const found = [undefined, bound(0.01)].map((precondition) =>
      fitMultinomial(given, 0.01, sharesOnly(given), 1e-9, precondition),
    );
    for (const { theta: x } of found) {
      const gradient = new Float64Array(x.length);
      penalisedLoss(given, 0.01, x, gradient);
      expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-8);
      // Symmetric: the weights of a column sum to 0 over the classes.
      for (let column = 0; column <= 4; column++) {
        expect(Math.abs(x[column]! + x[5 + column]! + x[10 + column]!)).toBeLessThan(1e-7);
      }
    }
    found[0]!.theta.forEach((value, at) => expect(found[1]!.theta[at]).toBeCloseTo(value, 6));
  });

  it('stays finite for classes that a plane separates, with smaller weights the larger lambda is', () => {
    const rows = Float64Array.from({ length: 90 }, (_, row) => row - 44.5);
    const labels = Uint8Array.from({ length: 90 }, (_, row) => Math.floor(row / 30));
    const given: ClassifiedRows = { rows: rows.map((value) => value / 26), width: 1, labels, weights: null };
    const lengths = [1e-4, 1e-2, 1].map((lambda) => {
      const { theta: x } = fitMultinomial(given, lambda, sharesOnly(given), 1e-8);
      expect(x.every(Number.isFinite)).toBe(true);
      return Math.hypot(x[0]!, x[2]!, x[4]!);
    });
    expect(lengths[0]!).toBeGreaterThan(lengths[1]!);
    expect(lengths[1]!).toBeGreaterThan(lengths[2]!);
    expect(lengths[2]!).toBeGreaterThan(0);
  });

  it('begins with the shares of the classes, one row added to each', () => {
    const given: ClassifiedRows = {
      rows: new Float64Array(5),
      width: 1,
      labels: Uint8Array.of(2, 2, 2, 0, 0),
      weights: null,
    };
    const theta = sharesOnly(given);
    const raised = [1, 3, 5].map((at) => Math.exp(theta[at]!));
    const sum = raised[0]! + raised[1]! + raised[2]!;
    expect(raised.map((one) => one / sum)).toEqual(
      [3 / 8, 1 / 8, 4 / 8].map((share) => expect.closeTo(share, 12) as number),
    );
  });
});
