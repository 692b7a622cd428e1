import fc from 'fast-check';
import { TRANSFORMS, getTransform } from '#src/ml/transforms/transforms.js';
import type { TransformState } from '#src/ml/transforms/transform.js';
import { failureOf } from '../support/failure-of.js';
import { differingRows } from '../support/series.js';

/** Real: every transform of the list. */

const number = fc
  .tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: -20, max: 20 }))
  .map(([mantissa, exponent]) => mantissa * 10 ** exponent);
const column = fc
  .array(fc.oneof({ weight: 6, arbitrary: number }, fc.constant(NaN)), { minLength: 1, maxLength: 60 })
  .map((values) => Float64Array.from(values));

describe.each(TRANSFORMS.map((transform) => ({ name: transform.name, transform })))('$name', ({ transform }) => {
  it('is inverted to 1e-9 of the size of the fitted data', () => {
    fc.assert(
      fc.property(column, (values) => {
        const state = transform.fit(values, {});
        const back = transform.inverse(transform.transform(values, state), state);
        const size = values.reduce(
          (largest, value) => (Number.isNaN(value) ? largest : Math.max(largest, Math.abs(value))),
          0,
        );
        // Squares of what is smaller than 1e-150 vanish, so such columns count as constant.
        values.forEach((value, row) => {
          if (Number.isNaN(value)) expect(back[row]).toBeNaN();
          else expect(Math.abs(back[row]! - value)).toBeLessThanOrEqual(1e-9 * size + 1e-150);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('inverts values it was not fitted on, when the fitted ones vary', () => {
    const state = transform.fit(Float64Array.of(1e6, 1e6 + 1, 1e6 + 3), {});
    const values = Float64Array.of(-5e6, 0, 2e6, 1e6 + 0.25);
    const back = transform.inverse(transform.transform(values, state), state);
    values.forEach((value, row) => expect(Math.abs(back[row]! - value)).toBeLessThanOrEqual(1e-9 * 5e6));
  });

  it('leaves NaN out when fitting and keeps it when transforming', () => {
    fc.assert(
      fc.property(column, (values) => {
        const numbers = values.filter((value) => !Number.isNaN(value));
        expect(transform.fit(values, {})).toEqual(transform.fit(numbers, {}));
        const mapped = transform.transform(values, transform.fit(values, {}));
        values.forEach((value, row) => expect(Number.isNaN(mapped[row])).toBe(Number.isNaN(value)));
      }),
    );
  });

  it('gives finite numbers for constant, single and absent values', () => {
    for (const values of [[3, 3, NaN, 3], [0.1], [NaN], [], [1e16, 1e16 + 2]]) {
      const train = Float64Array.from(values);
      const mapped = transform.transform(Float64Array.of(3, 4), transform.fit(train, {}));
      expect(mapped.every(Number.isFinite)).toBe(true);
    }
  });

  it('maps row by row: a value is transformed the same alone and among others', () => {
    fc.assert(
      fc.property(column, column, fc.nat(), (train, values, at) => {
        const state = transform.fit(train, {});
        const t = at % values.length;
        const alone = transform.transform(values.subarray(t, t + 1), state);
        expect(Object.is(alone[0], transform.transform(values, state)[t])).toBe(true);
      }),
    );
  });

  it('works the same with a state that went through JSON, and leaves its input alone', () => {
    fc.assert(
      fc.property(column, (values) => {
        const copy = values.slice();
        const state = transform.fit(values, {});
        const restored = JSON.parse(JSON.stringify(state)) as TransformState;
        const mapped = transform.transform(values, state);
        expect(restored).toEqual(state);
        expect(differingRows(mapped, transform.transform(values, restored))).toEqual([]);
        expect(differingRows(transform.inverse(mapped, state), transform.inverse(mapped, restored))).toEqual([]);
        expect(differingRows(values, copy)).toEqual([]);
      }),
    );
  });
});

describe('transforms', () => {
  it('are found by name, and an unknown name lists them', () => {
    expect(getTransform('standard').title).toBe('Standard score');
    expect(failureOf(() => getTransform('robust'))).toMatchObject({
      code: 'TRANSFORM_UNKNOWN',
      message: 'there is no transform robust; use one of standard, min-max, none',
    });
  });
});
