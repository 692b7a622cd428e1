import fc from 'fast-check';
import { linePoints, lonePoints, usualSpacing, type LineSource } from '#src/ml/plots/line-points.js';

function line(points: readonly (readonly [row: number, value: number])[]): LineSource {
  return {
    rows: Int32Array.from(points, ([row]) => row),
    times: Float64Array.from(points, ([row]) => row * 1_000),
    values: Float64Array.from(points, ([, value]) => value),
  };
}

const options = { columns: 50, from: 0, to: 1_000_000, bridgedRows: 2 };

describe('linePoints', () => {
  it('keeps a short line as it is, to seven digits', () => {
    const points = linePoints(line([[0, 1], [1, 2.123456789], [2, -1e-9]]), options); // prettier-ignore
    expect(points).toEqual([
      { t: 0, v: 1, s: 0 },
      { t: 1_000, v: 2.123457, s: 0 },
      { t: 2_000, v: -1e-9, s: 0 },
    ]);
  });

  it('breaks where more rows are missing than are bridged', () => {
    const points = linePoints(line([[0, 1], [1, 1], [4, 1], [8, 1], [9, 1]]), options); // prettier-ignore
    expect(points.map(({ s }) => s)).toEqual([0, 0, 0, 1, 1]);
  });

  it('keeps at most two points a pixel column, and the extremes of each', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 101, maxLength: 400 }),
        (values) => {
          const source = line(values.map((value, row) => [row, value]));
          const points = linePoints(source, { ...options, columns: 50, to: (values.length - 1) * 1_000 });
          expect(points.length).toBeLessThanOrEqual(100);
          const columnMs = ((values.length - 1) * 1_000) / 50;
          const columnOf = (t: number): number => Math.min(49, Math.floor(t / columnMs));
          for (let column = 0; column < 50; column++) {
            const all = values
              .filter((_, row) => columnOf(row * 1_000) === column)
              .map((value) => Number(value.toPrecision(7)));
            const kept = points.filter(({ t }) => columnOf(t) === column).map(({ v }) => v);
            expect([Math.min(...kept), Math.max(...kept)]).toEqual([Math.min(...all), Math.max(...all)]);
          }
          expect(points.every(({ t }, at) => at === 0 || t > points[at - 1]!.t)).toBe(true);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('once thinned out, breaks at holes that can be seen only', () => {
    // 2,000 rows over 50 columns: 40 rows a column; holes of 20 and of 100 rows
    const rows = Array.from({ length: 2_000 }, (_, row) => row).filter(
      (row) => !(row >= 500 && row < 520) && !(row >= 1_000 && row < 1_100),
    );
    const points = linePoints(line(rows.map((row) => [row, row % 7])), { ...options, to: 2_000_000 });
    expect(points.length).toBeLessThanOrEqual(100);
    expect(new Set(points.map(({ s }) => s)).size).toBe(2);
    const [before, after] = [0, 1].map((stretch) => points.filter(({ s }) => s === stretch));
    expect(before!.at(-1)!.t).toBeLessThan(1_000_000);
    expect(after![0]!.t).toBeGreaterThanOrEqual(1_100_000);
  });

  it('draws nothing of nothing', () => {
    expect(linePoints(line([]), options)).toEqual([]);
  });
});

describe('lonePoints', () => {
  it('are stretches of one point, which no line would show', () => {
    const points = linePoints(line([[0, 1], [10, 2], [20, 3], [21, 4], [40, 5]]), options); // prettier-ignore
    expect(lonePoints(points).map(({ v }) => v)).toEqual([1, 2, 5]);
  });
});

describe('usualSpacing', () => {
  it('is the median distance of rows', () => {
    expect(usualSpacing(Int32Array.of(0, 1, 2, 3, 50, 51))).toBe(1);
    expect(usualSpacing(Int32Array.of(0, 5, 10, 14, 19, 100))).toBe(5);
    expect(usualSpacing(Int32Array.of(7))).toBe(1);
    // numeric order, not that of text
    expect(usualSpacing(Int32Array.of(0, 9, 19, 119))).toBe(10);
  });
});
