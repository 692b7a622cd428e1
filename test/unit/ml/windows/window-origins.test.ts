import fc from 'fast-check';
import { windowOrigins } from '#src/ml/windows/window-origins.js';

const rows = { train: { start: 0, end: 20 }, validation: { start: 20, end: 26 }, test: { start: 26, end: 33 } };
const column = (length: number, ...missing: number[]) =>
  Float64Array.from({ length }, (_, row) => (missing.includes(row) ? NaN : row));
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

describe('windowOrigins', () => {
  it('keeps train windows in the train part; later ones look back over its end', () => {
    const origins = windowOrigins([column(40)], [column(40)], rows, { lookBack: 5, horizon: 3, stride: 1 });
    expect([...origins.train]).toEqual(range(4, 16));
    expect([...origins.validation]).toEqual(range(19, 22));
    expect([...origins.test]).toEqual(range(25, 29));
  });

  it('goes by the stride in the train part only', () => {
    const origins = windowOrigins([column(40)], [column(40)], rows, { lookBack: 5, horizon: 3, stride: 4 });
    expect([...origins.train]).toEqual([4, 8, 12, 16]);
    expect(origins.test).toHaveLength(5);
  });

  it('goes by the evaluation stride in the other parts only: by the horizon windows do not overlap', () => {
    const plan = { lookBack: 5, horizon: 3, stride: 1, evaluationStride: 3 };
    const origins = windowOrigins([column(40)], [column(40)], rows, plan);
    expect(origins.train).toHaveLength(13);
    expect([...origins.validation]).toEqual([19, 22]);
    expect([...origins.test]).toEqual([25, 28]);
  });

  it('leaves out windows with a NaN in an input or a target, and no others', () => {
    const value = fc.oneof({ weight: 12, arbitrary: fc.constant(1) }, fc.constant(NaN));
    const series = fc.array(value, { minLength: 40, maxLength: 40 }).map((values) => Float64Array.from(values));
    fc.assert(
      fc.property(
        series,
        series,
        series,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 4 }),
        (a, b, target, lookBack, horizon) => {
          const origins = windowOrigins([a, b], [target], rows, { lookBack, horizon, stride: 1 });
          for (const part of ['train', 'validation', 'test'] as const) {
            const expected = range(0, 39).filter((origin) => {
              const [first, last] = [origin - lookBack + 1, origin + horizon];
              const inPart = first >= (part === 'train' ? rows.train.start : 0) && last < rows[part].end;
              const forecastInPart = origin + 1 >= rows[part].start;
              const complete =
                [a, b].every((input) => !input.subarray(Math.max(0, first), origin + 1).some(Number.isNaN)) &&
                !target.subarray(origin + 1, last + 1).some(Number.isNaN);
              return inPart && forecastInPart && complete;
            });
            expect([...origins[part]]).toEqual(expected);
          }
        },
      ),
    );
  });

  it('finds none in an empty part and none that would begin before row 0', () => {
    const empty = { ...rows, validation: { start: 20, end: 20 }, test: { start: 2, end: 9 } };
    const origins = windowOrigins([column(40)], [column(40)], empty, { lookBack: 5, horizon: 3, stride: 1 });
    expect(origins.validation).toHaveLength(0);
    expect([...origins.test]).toEqual([4, 5]);
  });
});
