/** How many independent values `effective` a run of `rows` neighbouring rows is worth for its mean. JSON. */
export interface EffectiveRun {
  readonly rows: number;
  readonly effective: number;
}

const SHORTEST_RUN = 8;
/** Runs begin this share of their length after one another. */
const OVERLAP = 8;
/** A run counts where at least this share of it was observed. */
const OBSERVED = 0.5;

/**
 * What runs of 8, 16, 32 … rows are worth, up to a quarter of the series, by overlapping batch means: the variance of the
 * values divided by that of the means of all such runs, which is what n independent values have. 1 at least, the length of
 * the run at most. An autoregression of order 1 has about n (1 − ρ) / (1 + ρ), a season of which a run holds several
 * cycles its length, a random walk or a trend about 1. Means around a mean of their own vary less by 1 − n / N, which is
 * made good. Source: Meketon, Schmeiser, "Overlapping batch means: something for nothing?", Winter Simulation Conference
 * 1984.
 */
export function effectiveRuns(series: Float64Array): EffectiveRun[] {
  const sums = new Float64Array(series.length + 1);
  const counts = new Float64Array(series.length + 1);
  let [first, count] = [NaN, 0];
  for (const value of series) if (Number.isNaN(first) && !Number.isNaN(value)) first = value;
  let squares = 0;
  for (let row = 0; row < series.length; row++) {
    // Sums of distances from one of the values: a large level does not swallow them.
    const distance = series[row]! - first;
    const isObserved = !Number.isNaN(distance);
    sums[row + 1] = sums[row]! + (isObserved ? distance : 0);
    counts[row + 1] = counts[row]! + (isObserved ? 1 : 0);
    squares += isObserved ? distance * distance : 0;
    count += isObserved ? 1 : 0;
  }
  const mean = sums[series.length]! / count;
  const variance = squares / count - mean * mean;
  const runs: EffectiveRun[] = [];
  for (let rows = SHORTEST_RUN; rows <= series.length / 4; rows *= 2) {
    let [ofMeans, means] = [0, 0];
    for (let begin = 0; begin + rows <= series.length; begin += rows / OVERLAP) {
      const observed = counts[begin + rows]! - counts[begin]!;
      if (observed < rows * OBSERVED) continue;
      ofMeans += ((sums[begin + rows]! - sums[begin]!) / observed - mean) ** 2;
      means += 1;
    }
    const spread = means === 0 ? Infinity : ofMeans / means / (1 - rows / series.length);
    const effective = spread === 0 ? rows : variance / spread;
    runs.push({ rows, effective: Math.min(rows, Math.max(1, effective)) });
  }
  return runs;
}

/**
 * What `count` recent values are worth: that of the longest run that is not longer, and of a shorter one its own length
 * at most. Without any run they are worth 1: nothing is known of them.
 */
export function effectiveCount(count: number, runs: readonly EffectiveRun[]): number {
  const run = runs.findLast(({ rows }) => rows <= count) ?? runs[0];
  return run === undefined ? 1 : Math.max(1, Math.min(count, run.effective));
}
