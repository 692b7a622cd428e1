import fc from 'fast-check';
import { changeSizes, directionLabels, directionOf, DIRECTIONS, UNLABELLED } from '#src/ml/windows/direction-labels.js';

const all = (length: number): Uint8Array => new Uint8Array(length).fill(1);

describe('direction labels', () => {
  it('are down, flat and up against a limit that is itself flat', () => {
    const named = [-2, -1.0001, -1, 0, 1, 1.0001, 2].map((change) => DIRECTIONS[directionOf(change, 1)]);
    expect(named).toEqual(['down', 'down', 'flat', 'flat', 'flat', 'up', 'up']);
    expect([directionOf(-1e-300, 0), directionOf(0, 0), directionOf(1e-300, 0)]).toEqual([0, 1, 2]);
    expect([directionOf(Number.NaN, 1), directionOf(1, Number.NaN)]).toEqual([UNLABELLED, UNLABELLED]);
  });

  it('measure changes by the root mean square of as many steps, over observed pairs inside the rows', () => {
    const series = Float64Array.of(99, 0, 3, 1, 5, 99);
    // h = 1: 3, −2, 4; h = 2: 1, 2; h = 3: 5; h = 4: none
    const sizes = changeSizes(series, all(6), { start: 1, end: 5 }, 4);
    expect([...sizes.subarray(0, 3)]).toEqual([Math.sqrt(29 / 3), Math.sqrt(5 / 2), 5]);
    expect(sizes[3]).toBeNaN();
    const observed = all(6);
    observed[2] = 0;
    expect([...changeSizes(series, observed, { start: 1, end: 5 }, 2)]).toEqual([4, 1]);
  });

  it('stand for the change from each origin to each step, both observed', () => {
    const series = Float64Array.of(0, 1, 5, 5, -5, 7);
    const observed = Uint8Array.of(1, 1, 1, 1, 0, 1);
    const labels = directionLabels(series, observed, Int32Array.of(0, 2, 3, 4), Float64Array.of(1, 2));
    // 0: +1, +5; 2: 0, not observed; 3: not observed, +2; 4: the origin is not observed
    expect([...labels]).toEqual([1, 2, 1, UNLABELLED, UNLABELLED, 1, UNLABELLED, UNLABELLED]);
  });

  it('do not depend on what comes after the row they are of', () => {
    const series = fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(series, series, fc.integer({ min: 3, max: 11 }), (values, others, end) => {
        const changed = values.map((value, row) => (row < end ? value : others[row]!));
        const origins = Int32Array.from({ length: end - 2 }, (_, at) => at);
        const labels = (of: number[]) =>
          directionLabels(Float64Array.from(of), all(12), origins, Float64Array.of(0.5, 1));
        expect(labels(changed)).toEqual(labels(values));
        const sizes = (of: number[]) => changeSizes(Float64Array.from(of), all(12), { start: 0, end }, 2);
        expect(sizes(changed)).toEqual(sizes(values));
      }),
    );
  });
});
