import type { Endpoint } from '../inference/index.js';
import type { ReapingDecision } from './reaping-policy.js';

/**
 * `kept`: it stays as it is. `decided`: a dry run did nothing. `done`: it was taken out of service. `overtaken`: it was
 * used or changed after the decision, and stays.
 */
export type SweepOutcome = 'kept' | 'decided' | 'done' | 'overtaken';

export interface SweptEndpoint extends ReapingDecision {
  readonly endpoint: string;
  /** When it was decided on. */
  readonly status: Endpoint['status'];
  readonly outcome: SweepOutcome;
}

/** One look at all endpoints. */
export interface Sweep {
  readonly isDryRun: boolean;
  readonly at: string;
  readonly endpoints: readonly SweptEndpoint[];
  /** False when another process took over before the end. */
  readonly isComplete: boolean;
}
