import { fillAhead, fillBetween, type ImputationMethod, type ImputationState } from './imputation-method.js';
import { fitStructuralModel, StructuralFilter } from './structural-model.js';

/** The level that the structural model expects, predicted through the gap; parameters of the train part. */
export const kalman: ImputationMethod = {
  name: 'kalman',
  looksAhead: false,
  fit: (train) => ({ ...fitStructuralModel(train) }),
  fill(values, limitRows, state) {
    const filter = filterOf(state);
    return fillAhead(values, limitRows, {
      observe(value) {
        if (filter.started) filter.advance();
        filter.observe(value);
      },
      next() {
        filter.advance();
        return filter.level;
      },
    });
  },
};

/**
 * The same, corrected by the observation y that ends the gap: E[level[r] | y] = level[r] + cov(level[r], y)·F⁻¹·(y − ŷ).
 * Later observations are left out, so that a row is final when its gap is over.
 */
export const kalmanSmoother: ImputationMethod = {
  name: 'kalman-smoother',
  looksAhead: true,
  fit: kalman.fit,
  fill(values, limitRows, state) {
    const filter = filterOf(state);
    let next = 0;
    /** Up to and without `row`. */
    const proceed = (row: number): void => {
      for (; next < row; next++) {
        if (filter.started) filter.advance();
        if (!Number.isNaN(values[next]!)) filter.observe(values[next]!);
      }
    };
    return fillBetween(values, limitRows, ({ start, end }) => {
      proceed(start);
      const levels: number[] = [];
      const covariances: number[] = [];
      for (let row = start; row < end; row++) {
        proceed(row + 1);
        levels.push(filter.level);
        covariances.push(filter.covarianceAhead(end - row));
      }
      filter.advance();
      const surprise = (values[end]! - filter.level) / filter.expectedVariance;
      filter.observe(values[end]!);
      next = end + 1;
      return { at: (row) => levels[row - start]! + covariances[row - start]! * surprise, settledAt: end };
    });
  },
};

function filterOf({ hasSlope = 0, levelRatio = 1, slopeRatio = 0 }: ImputationState): StructuralFilter {
  return new StructuralFilter({ hasSlope, levelRatio, slopeRatio });
}
