import { kolmogorovSmirnov } from './kolmogorov-smirnov.js';
import { binCounts, populationStability } from './population-stability.js';
import { effectiveCount } from './effective-count.js';
import type { ReferenceDistribution } from './reference-distribution.js';

export interface DriftThresholds {
  /** Smallest population stability index that is drift. */
  readonly psi: number;
  /** Largest p-value that is. */
  readonly significance: number;
  /** With fewer recent values nothing is said. */
  readonly minimumSamples: number;
}

/** How recent values of an input differ from those a model was trained on. */
export interface DistributionDrift {
  /** Recent values, and how many independent ones they are worth. */
  readonly count: number;
  readonly effectiveCount: number;
  readonly psi: number;
  readonly ks: { readonly statistic: number; readonly pValue: number };
  /** Null with too few values to tell. */
  readonly isDrift: boolean | null;
}

/**
 * Holds recent values (in the order of their rows, NaN not observed) against a reference. Drift is both: an index that is
 * large enough to matter, and a distance that is not chance. The index alone is large by chance with few values: its
 * expectation without drift is about bins / values. The test alone finds differences that do not matter with many.
 *
 * Neighbours of a series are alike, so the test counts what runs of so many rows are worth in the reference, see
 * `effectiveRuns`: otherwise the last days of a slow series would always be drift against the year. A random walk is worth
 * about one value and says nothing by its level; its changes are compared as well.
 */
export function distributionDrift(
  reference: ReferenceDistribution,
  recent: Float64Array,
  { psi: threshold, significance, minimumSamples }: DriftThresholds,
): DistributionDrift {
  const ascending = recent.filter((value) => !Number.isNaN(value)).sort();
  const worth = effectiveCount(ascending.length, reference.runs);
  const psi = populationStability(reference.binCounts, binCounts(reference.borders, ascending));
  const ks = kolmogorovSmirnov(Float64Array.from(reference.quantiles), ascending, {
    left: worthOf(reference),
    right: worth,
  });
  return {
    count: ascending.length,
    effectiveCount: worth,
    psi,
    ks,
    isDrift: ascending.length < minimumSamples ? null : psi >= threshold && ks.pValue <= significance,
  };
}

/** The reference is as many of its longest runs as fit. */
function worthOf({ count, runs }: ReferenceDistribution): number {
  const longest = runs.at(-1);
  return longest === undefined ? 1 : Math.min(count, Math.max(1, (longest.effective * count) / longest.rows));
}
