import type { TrainingContext } from '../algorithm.js';
import { throwIfCancelled } from '../training-loss.js';
import { meanSquaredErrorOf, solveRidge, withoutFeatures, type NormalEquations } from './normal-equations.js';

/** One problem in the three roles that selection needs; `solve` gives the final weights. */
export interface RidgeProblem {
  /** Windows that candidates are solved on. */
  readonly fit: NormalEquations;
  /** Windows that candidates are scored on. */
  readonly score: NormalEquations;
  /** Windows that the chosen candidate is solved on. */
  readonly solve: NormalEquations;
}

export interface RidgeChoice {
  readonly weights: Float64Array;
  readonly lambda: number;
  readonly withFeatures: boolean;
  /** Mean squared error of the kept weights on the windows they were solved on. */
  readonly loss: number;
  /** Mean squared error of the winning candidate on the scored windows, and the best of each kind of design. */
  readonly score: number;
  readonly scores: { readonly withFeatures: number | null; readonly withoutFeatures: number | null };
  readonly iterations: number;
  /** True when the runtime ran out before every candidate was tried. */
  readonly cutShort: boolean;
}

/**
 * Tries every lambda, with and without the features at the origin where `designs` has both, and keeps the smallest
 * score; on a tie the earlier candidate. Null when no candidate could be solved.
 */
export async function chooseRidge(
  problem: RidgeProblem,
  lambdas: readonly number[],
  designs: readonly boolean[],
  context: TrainingContext,
  onCandidate: (score: number) => void,
): Promise<RidgeChoice | null> {
  const best: { lambda: number; withFeatures: boolean; score: number; weights: Float64Array }[] = [];
  let iterations = 0;
  let cutShort = false;
  for (const withFeatures of designs) {
    const of = (equations: NormalEquations): NormalEquations => (withFeatures ? equations : withoutFeatures(equations));
    const fit = of(problem.fit);
    const score = of(problem.score);
    for (const lambda of lambdas) {
      throwIfCancelled(context);
      cutShort = best.length > 0 && context.maxRuntimeMs !== null && context.elapsedMs() > context.maxRuntimeMs;
      if (cutShort) break;
      const weights = solveRidge(fit, lambda);
      iterations++;
      if (!weights) {
        context.log('warn', `Lambda ${lambda} leaves the normal equations singular and was passed over.`);
        continue;
      }
      const error = meanSquaredErrorOf(weights, score);
      onCandidate(error);
      best.push({ lambda, withFeatures, score: error, weights });
      await context.breathe();
    }
  }
  const bestOf = (candidates: typeof best): (typeof best)[number] | undefined =>
    candidates.reduce<(typeof best)[number] | undefined>((a, b) => (a && a.score <= b.score ? a : b), undefined);
  const chosen = bestOf(best);
  if (!chosen) return null;
  const { lambda, withFeatures, score } = chosen;
  const solve = withFeatures ? problem.solve : withoutFeatures(problem.solve);
  const weights = problem.solve === problem.fit ? chosen.weights : (solveRidge(solve, lambda) ?? chosen.weights);
  return {
    weights,
    lambda,
    withFeatures,
    loss: meanSquaredErrorOf(weights, solve),
    score,
    scores: {
      withFeatures: bestOf(best.filter((candidate) => candidate.withFeatures))?.score ?? null,
      withoutFeatures: bestOf(best.filter((candidate) => !candidate.withFeatures))?.score ?? null,
    },
    iterations,
    cutShort,
  };
}
