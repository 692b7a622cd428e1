import type { FittedChain } from '../transforms/transform-chain.js';

/** Where a member of an ensemble finds what it reads in the columns of the ensemble, and what its numbers mean. */
export interface MemberLayout {
  readonly name: string;
  /** Positions of its input columns among those of the ensemble, in its own order. */
  readonly inputs: readonly number[];
  /** The same of its known-future covariates; absent where it knows nothing in advance. */
  readonly future?: readonly number[];
  /** By target of the ensemble. */
  readonly targets: readonly MemberTarget[];
}

export interface MemberTarget {
  /** Position among the member's own targets. */
  readonly at: number;
  /** How the member's target was transformed: its inverse gives original units. */
  readonly chain: FittedChain;
  /** Position of the target in original units among the inputs, where the inverse of the chain starts from its values. */
  readonly series?: number;
}
