import { gaussianDeviation, studentParameters } from '../../engine/element-loss.js';
import type { LossSpecification } from '../../engine/training-setup.js';
import { normalQuantile } from '../../metrics/normal-quantile.js';
import { studentTQuantiles } from '../../metrics/student-t-quantile.js';

/** Reads the values of one target and step, which begin at `at`. */
export type PointReader = (outputs: Float32Array, at: number) => number;

/** Writes one value for each level from `into[to]` on, never decreasing. */
export type QuantileReader = (outputs: Float32Array, at: number, into: Float64Array, to: number) => void;

/** The point forecast: the value itself, the location of a distribution, or the median of quantiles. */
export function pointReader(loss: LossSpecification): PointReader {
  if (loss.name !== 'quantile') return (outputs, at) => outputs[at]!;
  const median = betweenLevels(loss.levels, [0.5]);
  const one = new Float64Array(1);
  return (outputs, at) => {
    median(outputs, at, one, 0);
    return one[0]!;
  };
}

/** Null for a loss that says nothing of the spread. */
export function quantileReader(loss: LossSpecification, levels: readonly number[]): QuantileReader | null {
  switch (loss.name) {
    case 'quantile':
      return betweenLevels(loss.levels, levels);
    case 'gaussian': {
      const z = levels.map(normalQuantile);
      return (outputs, at, into, to) => {
        const deviation = gaussianDeviation(outputs[at + 1]!);
        z.forEach((value, n) => (into[to + n] = outputs[at]! + deviation * value));
      };
    }
    case 'student-t': {
      const t = levels.map((level) => studentTQuantiles(level));
      return (outputs, at, into, to) => {
        const { scale, freedom } = studentParameters(outputs[at + 1]!, outputs[at + 2]!);
        t.forEach((quantile, n) => (into[to + n] = outputs[at]! + scale * quantile(freedom)));
      };
    }
    default:
      return null;
  }
}

/**
 * Quantiles at other levels than those trained: linear between two trained ones on the axis of a normal distribution's
 * quantiles, z = Φ⁻¹(level), and beyond the first and the last on the line through the nearest two. Exact where the
 * forecast is normal. Trained quantiles that cross are put in order first.
 */
function betweenLevels(trained: readonly number[], levels: readonly number[]): QuantileReader {
  const z = trained.map(normalQuantile);
  const places = levels.map((level) => {
    const asked = normalQuantile(level);
    const above = z.findIndex((value) => value >= asked);
    const upper = Math.min(z.length - 1, Math.max(1, above < 0 ? z.length - 1 : above));
    return { upper, share: (asked - z[upper - 1]!) / (z[upper]! - z[upper - 1]!) };
  });
  const sorted = new Float64Array(trained.length);
  return (outputs, at, into, to) => {
    for (let n = 0; n < sorted.length; n++) sorted[n] = outputs[at + n]!;
    sorted.sort();
    places.forEach(({ upper, share }, n) => {
      const low = sorted[upper - 1]!;
      const value = low + share * (sorted[upper]! - low);
      // Rounding may put neighbours the wrong way round by a bit.
      into[to + n] = n === 0 ? value : Math.max(value, into[to + n - 1]!);
    });
  };
}
