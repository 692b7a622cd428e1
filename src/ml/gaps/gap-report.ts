/** How the probabilities of missing rows went on rows that the classifier had not seen. */
export interface GapScores {
  /** Different rows, and pairs of a row and the origin it is forecast from. */
  readonly rows: number;
  readonly examples: number;
  /** Share of the examples whose row is missing. */
  readonly baseRate: number;
  /** 0.5 is chance; null where all rows are of one class. */
  readonly auc: number | null;
  readonly brier: number;
  /** Of the train part's share as the probability of every row. */
  readonly baseBrier: number;
}

/** The gap classifier of one target, beside what the base rate alone is worth. */
export interface GapEvaluation {
  readonly asset: string;
  /** In the train part. */
  readonly largeGaps: number;
  readonly trainExamples: number;
  /** Share of missing rows among them. */
  readonly trainMissingShare: number;
  /** From every origin, also from inside gaps; null without validation and test part. */
  readonly later: GapScores | null;
  /** Only from origins at which the series is observed: without the easy case that an open gap goes on. */
  readonly fromObserved: GapScores | null;
}
