import { fillBetween, type ImputationMethod } from './imputation-method.js';

/** A straight line between the values on both sides of the gap. */
export const linear: ImputationMethod = {
  name: 'linear',
  looksAhead: true,
  fit: () => ({}),
  fill: (values, limitRows) =>
    fillBetween(values, limitRows, ({ start, end }) => {
      const [left, right] = [values[start - 1]!, values[end]!];
      const rows = end - start + 1;
      return { at: (row) => left + ((right - left) * (row - start + 1)) / rows, settledAt: end };
    }),
};

/**
 * The median of up to `neighbours` observed values on either side. It is final only when so many have come after the
 * gap; until then, and for good where the series ends before, the gap stays open.
 */
export const median: ImputationMethod = {
  name: 'median',
  looksAhead: true,
  fit: (_train, { neighbours }) => ({ neighbours }),
  fill: (values, limitRows, { neighbours = 100 }) =>
    fillBetween(values, limitRows, ({ start, end }) => {
      const left: number[] = [];
      for (let row = start - 1; row >= 0 && left.length < neighbours; row--) {
        if (!Number.isNaN(values[row]!)) left.push(values[row]!);
      }
      const right: number[] = [];
      let last = end;
      for (let row = end; row < values.length && right.length < neighbours; row++) {
        if (Number.isNaN(values[row]!)) continue;
        right.push(values[row]!);
        last = row;
      }
      if (right.length < neighbours) return null;
      const sorted = Float64Array.from([...left, ...right]).sort();
      const upper = sorted.length >> 1;
      const middle = sorted.length % 2 === 1 ? sorted[upper]! : (sorted[upper - 1]! + sorted[upper]!) / 2;
      return { at: () => middle, settledAt: last };
    }),
};

/**
 * A monotone cubic (PCHIP) over the gap: it does not overshoot, and is a straight line where the data is. The slope on
 * the left is the weighted harmonic mean of the secants before and over the gap, the one on the right the three-point
 * formula of an end point, so that nothing after the gap's end is needed. Source: Fritsch & Butland, "A method for
 * constructing local monotone piecewise cubic interpolants", SIAM J. Sci. Stat. Comput. 5 (1984); end formula as in
 * Moler, "Numerical Computing with MATLAB" (2004), 3.6.
 */
export const spline: ImputationMethod = {
  name: 'spline',
  looksAhead: true,
  fit: () => ({}),
  fill: (values, limitRows) =>
    fillBetween(values, limitRows, ({ start, end }) => {
      const left = start - 1;
      let before = left - 1;
      while (before >= 0 && Number.isNaN(values[before]!)) before--;
      const width = end - left;
      const secant = (values[end]! - values[left]!) / width;
      const widthBefore = left - before;
      const secantBefore = before < 0 ? secant : (values[left]! - values[before]!) / widthBefore;
      const leftSlope = innerSlope(secantBefore, widthBefore, secant, width);
      const rightSlope = endSlope(secant, width, secantBefore, widthBefore);
      return {
        at(row) {
          const u = (row - left) / width;
          const rise = width * ((u - 2) * u + 1) * u * leftSlope + width * (u - 1) * u * u * rightSlope;
          return values[left]! + (values[end]! - values[left]!) * u * u * (3 - 2 * u) + rise;
        },
        settledAt: end,
      };
    }),
};

function innerSlope(left: number, leftWidth: number, right: number, rightWidth: number): number {
  if (left * right <= 0) return 0;
  const leftWeight = 2 * rightWidth + leftWidth;
  const rightWeight = rightWidth + 2 * leftWidth;
  return (leftWeight + rightWeight) / (leftWeight / left + rightWeight / right);
}

function endSlope(secant: number, width: number, neighbour: number, neighbourWidth: number): number {
  const slope = ((2 * width + neighbourWidth) * secant - width * neighbour) / (width + neighbourWidth);
  if (slope * secant <= 0) return 0;
  return secant * neighbour <= 0 && Math.abs(slope) > 3 * Math.abs(secant) ? 3 * secant : slope;
}
