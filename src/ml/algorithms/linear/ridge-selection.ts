import type { TrainingContext } from '../algorithm.js';
import { throwIfCancelled } from '../training-loss.js';
import { AheadSolver } from './ahead-equations.js';
import {
  meanSquaredErrorOf,
  penalisedFactor,
  selectInputs,
  solveRidge,
  type NormalEquations,
} from './normal-equations.js';

/** One problem in the three roles that selection needs; `solve` gives the final weights. */
export interface RidgeProblem {
  /** Windows that candidates are solved on. */
  readonly fit: NormalEquations;
  /** Windows that candidates are scored on. */
  readonly score: NormalEquations;
  /** Windows that the chosen candidate is solved on. */
  readonly solve: NormalEquations;
}

/** How covariates are read at the forecast rows: not at all, with coefficients of each step, or with one for all steps. */
export type AheadMode = 'none' | 'per-step' | 'shared';

/** Which inputs a candidate has. The columns of the equations are the features, then the covariates at the origin. */
export interface RidgeDesign {
  readonly withFeatures: boolean;
  readonly ahead: AheadMode;
}

export interface RidgeDesigns {
  /** Columns that are features at the origin, and covariates at the origin. */
  readonly features: number;
  readonly covariates: number;
  /** True: there is a constant even without any column. */
  readonly alwaysConstant: boolean;
  /** With and without features, in the order they are tried. */
  readonly withFeatures: readonly boolean[];
  /** Tried with the better of these; without `none` among them one of them is taken. */
  readonly ahead: readonly AheadMode[];
}

export interface RidgeChoice extends RidgeDesign {
  /** [outputs, inputs of the design]. */
  readonly weights: Float64Array;
  /** Of the covariates at the forecast rows, [outputs, covariates]; null without. */
  readonly coefficients: Float64Array | null;
  readonly lambda: number;
  /** Mean squared error of the kept weights on the windows they were solved on. */
  readonly loss: number;
  /** Mean squared error of the winning candidate on the scored windows, and the best of each kind of design. */
  readonly score: number;
  readonly scores: {
    readonly withFeatures: number | null;
    readonly withoutFeatures: number | null;
    readonly withCovariates: number | null;
    readonly withoutCovariates: number | null;
  };
  readonly iterations: number;
  /** True when the runtime ran out before every candidate was tried. */
  readonly cutShort: boolean;
}

interface Candidate extends RidgeDesign {
  readonly lambda: number;
  readonly score: number;
  readonly weights: Float64Array;
  readonly coefficients: Float64Array | null;
}

/** Candidates that `chooseRidge` tries for one problem. */
export function candidateCount({ withFeatures, ahead }: RidgeDesigns, lambdas: readonly number[]): number {
  return (withFeatures.length + ahead.filter((mode) => mode !== 'none').length) * lambdas.length;
}

/**
 * Tries every lambda with and without the features at the origin, then, with the better of the two, every lambda with
 * the covariates at the forecast rows, and keeps the smallest score; on a tie the earlier candidate. Null when no
 * candidate could be solved.
 */
export async function chooseRidge(
  problem: RidgeProblem,
  lambdas: readonly number[],
  designs: RidgeDesigns,
  context: TrainingContext,
  onCandidate: (score: number) => void,
): Promise<RidgeChoice | null> {
  const tried: Candidate[] = [];
  let iterations = 0;
  let cutShort = false;
  const tryAll = async (withFeatures: boolean, modes: readonly AheadMode[]): Promise<void> => {
    const isAhead = modes.some((mode) => mode !== 'none');
    const fit = designed(problem.fit, designs, withFeatures, isAhead);
    const score = designed(problem.score, designs, withFeatures, isAhead);
    for (const lambda of lambdas) {
      throwIfCancelled(context);
      cutShort ||= tried.length > 0 && context.maxRuntimeMs !== null && context.elapsedMs() > context.maxRuntimeMs;
      if (cutShort) return;
      for (const { mode, solution } of solutions(fit, lambda, modes)) {
        iterations++;
        if (solution === null) {
          context.log('warn', `Lambda ${lambda} leaves the normal equations singular and was passed over.`);
          continue;
        }
        const error = meanSquaredErrorOf(solution.weights, score, solution.coefficients ?? undefined);
        onCandidate(error);
        tried.push({ ...solution, lambda, withFeatures, ahead: mode, score: error });
      }
      await context.breathe();
    }
  };
  for (const withFeatures of designs.withFeatures) await tryAll(withFeatures, ['none']);
  const plain = bestOf(tried);
  const modes = designs.ahead.filter((mode) => mode !== 'none');
  if (modes.length > 0) await tryAll(plain?.withFeatures ?? designs.withFeatures[0]!, modes);
  const eligible = tried.filter(({ ahead }) => designs.ahead.includes(ahead));
  // When the runtime was over before the asked-for covariates came, what there is is better than nothing.
  const chosen = bestOf(eligible) ?? plain;
  if (!chosen) return null;
  const solve = designed(problem.solve, designs, chosen.withFeatures, chosen.ahead !== 'none');
  const again = problem.solve === problem.fit ? null : solutions(solve, chosen.lambda, [chosen.ahead])[0]?.solution;
  const { weights, coefficients } = again ?? chosen;
  return {
    ...chosen,
    weights,
    coefficients,
    loss: meanSquaredErrorOf(weights, solve, coefficients ?? undefined),
    scores: {
      withFeatures: bestOf(tried.filter(({ ahead, withFeatures }) => ahead === 'none' && withFeatures))?.score ?? null,
      withoutFeatures:
        bestOf(tried.filter(({ ahead, withFeatures }) => ahead === 'none' && !withFeatures))?.score ?? null,
      withCovariates: bestOf(tried.filter(({ ahead }) => ahead !== 'none'))?.score ?? null,
      withoutCovariates: plain?.score ?? null,
    },
    iterations,
    cutShort,
  };
}

function bestOf(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.reduce<Candidate | undefined>((a, b) => (a && a.score <= b.score ? a : b), undefined);
}

/** The solution of each mode, from one factorisation. */
function solutions(
  equations: NormalEquations,
  lambda: number,
  modes: readonly AheadMode[],
): { mode: AheadMode; solution: Pick<Candidate, 'weights' | 'coefficients'> | null }[] {
  if (!equations.ahead) {
    const weights = solveRidge(equations, lambda);
    return modes.map((mode) => ({ mode, solution: weights && { weights, coefficients: null } }));
  }
  const factor = penalisedFactor(equations, lambda);
  const solver = factor && new AheadSolver(factor, equations.inputs, equations.yx, equations.ahead);
  return modes.map((mode) => {
    const solved = solver && solver.solve(lambda, mode === 'shared');
    return { mode, solution: solved && { weights: solved.weights, coefficients: solved.ahead } };
  });
}

/** The equations of a design: the window, its columns, and the constant. */
function designed(
  equations: NormalEquations,
  { features, covariates, alwaysConstant }: RidgeDesigns,
  withFeatures: boolean,
  isAhead: boolean,
): NormalEquations {
  const { windowInputs, inputs } = equations;
  const kept = Array.from({ length: windowInputs }, (_, i) => i);
  if (withFeatures) for (let f = 0; f < features; f++) kept.push(windowInputs + f);
  if (isAhead) for (let c = 0; c < covariates; c++) kept.push(windowInputs + features + c);
  if (kept.length > windowInputs || alwaysConstant) kept.push(inputs - 1);
  return selectInputs(equations, kept, isAhead);
}
