import { fillCausally } from '../fill-causally.js';
import { fillAhead, type ImputationMethod } from './imputation-method.js';
import { DAMPED_TREND_START, dampedTrend, fitDampedTrend } from './damped-trend.js';

/** The last observed value. */
export const forwardFill: ImputationMethod = {
  name: 'forward-fill',
  looksAhead: false,
  fit: () => ({}),
  fill: (values, limitRows) => ({
    values: fillCausally(values, { imputation: 'forward-fill', neighbours: 1 }, limitRows),
    settledAt: null,
  }),
};

/** The median of the last `neighbours` observed values. */
export const trailingMedian: ImputationMethod = {
  name: 'trailing-median',
  looksAhead: false,
  fit: (_train, { neighbours }) => ({ neighbours }),
  fill: (values, limitRows, { neighbours = 100 }) => ({
    values: fillCausally(values, { imputation: 'trailing-median', neighbours }, limitRows),
    settledAt: null,
  }),
};

/**
 * The value one season before: x[t − k·s] for the smallest k ≥ 1 at which one was observed. The last observed value
 * where none was, or where there is no season (s = 1).
 */
export const seasonal: ImputationMethod = {
  name: 'seasonal',
  looksAhead: false,
  fit: (_train, { seasonLength }) => ({ seasonLength }),
  fill(values, limitRows, { seasonLength = 1 }) {
    const phases = new Float64Array(seasonLength).fill(NaN);
    let last = NaN;
    return fillAhead(values, limitRows, {
      observe(value, row) {
        phases[row % seasonLength] = value;
        last = value;
      },
      next: (row) => (Number.isNaN(phases[row % seasonLength]!) ? last : phases[row % seasonLength]!),
    });
  },
};

/** Damped linear extrapolation, see `dampedTrend`. After a gap that is not filled to its end the level begins anew. */
export const trend: ImputationMethod = {
  name: 'trend',
  looksAhead: false,
  fit: (train) => ({ ...fitDampedTrend(train) }),
  fill(values, limitRows, state) {
    const filter = dampedTrend({ ...DAMPED_TREND_START, ...state });
    let missing = 0;
    return fillAhead(values, limitRows, {
      observe(value) {
        if (missing > limitRows) filter.restart();
        missing = 0;
        filter.observe(value);
      },
      next() {
        missing++;
        return filter.advance();
      },
    });
  },
};
