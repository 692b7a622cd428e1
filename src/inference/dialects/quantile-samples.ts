import { TrainyardError } from '../../common/errors/index.js';
import { quantileLevels } from '../../ml/evaluation/forecast-intervals.js';
import { normalQuantile } from '../../ml/metrics/normal-quantile.js';
import type { NarrowedForecast } from '../forecast-options.js';

/** Fractional part of the golden ratio: its multiples spread evenly over 0 … 1, however many are taken. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * Sample paths of a forecast, [samples, steps], original units, for clients that ask for samples. A model keeps quantiles
 * and not samples: path k takes the quantile u(k) = frac(0.5 + k·0.618…) at every step, so the values of one step are
 * spread as the model says, the same at each call, and the first path is the point forecast. Between the levels that the
 * model has, and beyond the outermost, quantiles are linear in the normal score of the level, which is exact for a normal
 * distribution. How errors of successive steps go together is not known: paths move as one, so sums over steps spread as
 * widely as they can. QUANTILE_UNKNOWN for a forecast without intervals.
 */
export function samplePaths({ asset, mean, intervals }: NarrowedForecast, samples: number): number[][] {
  if (mean === undefined || intervals.length === 0) {
    throw new TrainyardError(
      'QUANTILE_UNKNOWN',
      `The model has no intervals of ${asset} to draw samples from: ask for mean, or train with evaluation.intervals`,
      { asset },
    );
  }
  const knots = [
    ...intervals.flatMap(({ coverage, lower, upper }) => {
      const [low, high] = quantileLevels(coverage);
      return [
        { score: normalQuantile(low), values: lower },
        { score: normalQuantile(high), values: upper },
      ];
    }),
    { score: 0, values: mean },
  ].sort((one, other) => one.score - other.score);
  return Array.from({ length: samples }, (_, path) => {
    const score = path === 0 ? 0 : normalQuantile((0.5 + path * GOLDEN) % 1);
    // The segment that holds the score; the outermost ones go on.
    const right = Math.min(
      Math.max(
        knots.findIndex((knot) => knot.score >= score),
        1,
      ),
      knots.length - 1,
    );
    const to = score > knots[knots.length - 1]!.score ? knots.length - 1 : right;
    const [before, after] = [knots[to - 1]!, knots[to]!];
    const share = (score - before.score) / (after.score - before.score);
    return mean.map((_mean, step) => before.values[step]! + share * (after.values[step]! - before.values[step]!));
  });
}
