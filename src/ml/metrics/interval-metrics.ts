/**
 * Pinball loss of a quantile forecast q of level τ: τ · (y − q) for y ≥ q, (1 − τ) · (q − y) below. Its expectation is
 * least at the true quantile. Source: Koenker, Bassett, "Regression Quantiles", Econometrica 46 (1978).
 */
export function pinballLoss(level: number, actual: number, quantile: number): number {
  return actual >= quantile ? level * (actual - quantile) : (1 - level) * (quantile - actual);
}

/**
 * Interval score of Winkler for coverage 1 − α: the width, and for a value outside 2/α times its distance. Narrow
 * intervals that hold what they promise are best; it is 2/α times the sum of the pinball losses of both ends as quantiles
 * α/2 and 1 − α/2. Source: Winkler, Journal of the American Statistical Association 67 (1972); Gneiting, Raftery,
 * "Strictly Proper Scoring Rules, Prediction, and Estimation", same journal 102 (2007), equation 43.
 */
export function intervalScore(coverage: number, actual: number, lower: number, upper: number): number {
  const outside = Math.max(lower - actual, actual - upper, 0);
  return upper - lower + (2 / (1 - coverage)) * outside;
}

/** What intervals of one coverage were worth, over a set of observed values. */
export interface IntervalScores {
  /** The coverage that was promised, 0…1. */
  readonly coverage: number;
  /** Observed values that were scored. */
  readonly count: number;
  /** Share of them inside, ends included. */
  readonly covered: number;
  readonly meanWidth: number;
  /** Mean interval score of Winkler, see `intervalScore`: less is better. */
  readonly winkler: number;
  /** Mean pinball loss of both ends as quantiles (1 − coverage) / 2 and (1 + coverage) / 2. */
  readonly pinball: number;
}

/** Sums in cells (one per asset and step), of one coverage. Streaming: four numbers a cell. */
export class IntervalSums {
  /** Count, inside, Σ width, Σ interval score of each cell side by side. */
  private readonly sums: Float64Array;

  constructor(
    readonly coverage: number,
    cells: number,
  ) {
    this.sums = new Float64Array(cells * 4);
  }

  add(cell: number, actual: number, lower: number, upper: number): void {
    const { sums } = this;
    const at = cell * 4;
    sums[at]! += 1;
    sums[at + 1]! += actual >= lower && actual <= upper ? 1 : 0;
    sums[at + 2]! += upper - lower;
    sums[at + 3]! += intervalScore(this.coverage, actual, lower, upper);
  }

  /** Widths and scores divided by `unitOf` the cell's asset, so that assets of different size can be averaged. Null when nothing was added. */
  scores(cells: Iterable<number>, unitOf: (cell: number) => number): IntervalScores | null {
    let count = 0;
    let inside = 0;
    let width = 0;
    let score = 0;
    for (const cell of cells) {
      const at = cell * 4;
      if (this.sums[at] === 0) continue;
      const unit = unitOf(cell);
      count += this.sums[at]!;
      inside += this.sums[at + 1]!;
      width += this.sums[at + 2]! / unit;
      score += this.sums[at + 3]! / unit;
    }
    if (count === 0) return null;
    return {
      coverage: this.coverage,
      count,
      covered: inside / count,
      meanWidth: width / count,
      winkler: score / count,
      pinball: ((1 - this.coverage) / 4) * (score / count),
    };
  }
}
