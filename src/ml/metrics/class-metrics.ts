import { areaUnderCurve } from './binary-metrics.js';

/**
 * Scores of class probabilities, [n, classes] row-major, against `labels`, n numbers of classes from 0. Nothing to score
 * gives null.
 */
export interface ClassProbabilities {
  readonly probabilities: Float64Array;
  readonly labels: Uint8Array;
  readonly classes: number;
}

/** No probability counts as less, so that one certain mistake does not make the mean infinite. */
const LEAST_PROBABILITY = 1e-15;

/** Mean of −ln p of the class that was, p at least 1e−15; 0 is perfect, ln(classes) is guessing evenly. */
export function multiClassLogLoss({ probabilities, labels, classes }: ClassProbabilities): number | null {
  if (labels.length === 0) return null;
  let sum = 0;
  labels.forEach((label, at) => (sum -= Math.log(Math.max(LEAST_PROBABILITY, probabilities[at * classes + label]!))));
  return sum / labels.length;
}

/**
 * Mean over the rows of Σ (p − y)² over the classes, y 1 for the class that was and 0 for the others: 0 is perfect, 2 the
 * worst, (classes − 1) / classes guessing evenly. Source: Brier, Monthly Weather Review 78 (1950), in its original form.
 */
export function multiClassBrier({ probabilities, labels, classes }: ClassProbabilities): number | null {
  if (labels.length === 0) return null;
  let sum = 0;
  labels.forEach((label, at) => {
    for (let one = 0; one < classes; one++) {
      sum += (probabilities[at * classes + one]! - (one === label ? 1 : 0)) ** 2;
    }
  });
  return sum / labels.length;
}

/**
 * Area under the curve of each class against all others, null for a class that no row or every row has. Their mean over
 * the classes that have one is the macro average. Source: Provost & Domingos, Well-Trained PETs, 2000.
 */
export function oneVersusRestAreas({ probabilities, labels, classes }: ClassProbabilities): (number | null)[] {
  return Array.from({ length: classes }, (_, one) =>
    areaUnderCurve(
      Float64Array.from(labels, (__, at) => probabilities[at * classes + one]!),
      labels.map((label) => (label === one ? 1 : 0)),
    ),
  );
}

/** The class of the largest probability in each row, the first of equal ones. */
export function likeliestClasses({ probabilities, labels, classes }: ClassProbabilities): Uint8Array {
  return labels.map((_, at) => {
    const row = probabilities.subarray(at * classes, (at + 1) * classes);
    return row.indexOf(Math.max(...row));
  });
}

/**
 * F1 of each class, 2 · hits / (actual + forecast), from `confusion` [actual][forecast], null for a class that neither
 * is; the macro average is their mean. Null where no class has one.
 */
export function classF1(confusion: readonly (readonly number[])[]): {
  readonly perClass: readonly (number | null)[];
  readonly macro: number | null;
} {
  const perClass = confusion.map((row, one) => {
    const actual = row.reduce((sum, count) => sum + count, 0);
    const forecast = confusion.reduce((sum, other) => sum + other[one]!, 0);
    return actual + forecast === 0 ? null : (2 * row[one]!) / (actual + forecast);
  });
  const known = perClass.filter((score) => score !== null);
  return { perClass, macro: known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0) / known.length };
}

export interface ReliabilityBin {
  /** Confidences in [from, to), the last bin with its end. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Mean probability of the likeliest class, and how often it was right. */
  readonly confidence: number;
  readonly hitRate: number;
}

/**
 * Expected calibration error Σ count/n · |hit rate − confidence| over equally wide bins of the confidence, the
 * probability of the likeliest class; bins without a row are left out. Source: Guo et al., On Calibration of Modern
 * Neural Networks, ICML 2017.
 */
export function calibration(
  scored: ClassProbabilities,
  binCount = 10,
): { readonly error: number; readonly bins: readonly ReliabilityBin[] } | null {
  const { probabilities, labels, classes } = scored;
  if (labels.length === 0) return null;
  const sums = Array.from({ length: binCount }, () => ({ count: 0, confidence: 0, hits: 0 }));
  likeliestClasses(scored).forEach((forecast, at) => {
    const confidence = probabilities[at * classes + forecast]!;
    const bin = sums[Math.min(binCount - 1, Math.floor(confidence * binCount))]!;
    bin.count++;
    bin.confidence += confidence;
    if (forecast === labels[at]) bin.hits++;
  });
  const bins = sums.flatMap(({ count, confidence, hits }, at): ReliabilityBin[] =>
    count === 0
      ? []
      : [
          {
            from: at / binCount,
            to: (at + 1) / binCount,
            count,
            confidence: confidence / count,
            hitRate: hits / count,
          },
        ],
  );
  const error = bins.reduce((sum, bin) => sum + bin.count * Math.abs(bin.hitRate - bin.confidence), 0) / labels.length;
  return { error, bins };
}
