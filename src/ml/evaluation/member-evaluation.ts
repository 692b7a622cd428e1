import type { ScoredForecast } from './compared-forecasts.js';

/** Where a member of an ensemble was trained. */
export interface MemberOrigin {
  readonly executionId: string;
  /** The model version it was named by; null when it was named by its execution. */
  readonly model: { readonly name: string; readonly version: number } | null;
  /** SHA-256 of its canonical model state. */
  readonly modelSha256: string;
}

/** A member by itself, scored over the windows of the ensemble and in its units. */
export interface MemberEvaluation {
  readonly name: string;
  readonly algorithm: string;
  readonly origin: MemberOrigin;
  /** Its share of the ensemble's forecast, 0 … 1. */
  readonly weight: number;
  /** Null for a part without windows, or without an observed row in them. */
  readonly validation: ScoredForecast | null;
  readonly test: ScoredForecast | null;
}
