import { cholesky, solveCholesky } from '../linear/cholesky.js';

/** A sum of squares at some parameters with its half gradient Jᵀr and JᵀJ, lower triangle, row-major. */
export interface SquaresAt {
  /** Infinity where the parameters are not allowed. */
  readonly squares: number;
  readonly gradient: Float64Array;
  readonly curvature: Float64Array;
}

export interface LeastSquaresProblem {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** A fresh result each time. */
  at(parameters: Float64Array): SquaresAt;
  /** Asked before each step: true ends the search with the best so far. It may throw. */
  isOver(): boolean;
}

const MAXIMUM_STEPS = 80;
/** Fall of the sum, relative, below which a step is the last one. */
const CONVERGED = 1e-9;

/**
 * Levenberg–Marquardt inside a box: parameters at a bound that the gradient pushes outwards stay there, the others take
 * the damped Gauss–Newton step, cut off at the bounds. Steps that do not descend are taken again with ten times the
 * damping. Deterministic. Source: Marquardt 1963; the active set as in Kanzow, Yamashita & Fukushima 2004.
 */
export function minimiseSquares(
  problem: LeastSquaresProblem,
  start: Float64Array,
): { readonly parameters: Float64Array; readonly squares: number } {
  const { lower, upper } = problem;
  const clamp = (value: number, at: number): number => Math.min(upper[at]!, Math.max(lower[at]!, value));
  let parameters = start.map(clamp);
  let current = problem.at(parameters);
  let damping = 1e-3;
  let slow = 0;
  for (let step = 0; step < MAXIMUM_STEPS && Number.isFinite(current.squares) && !problem.isOver(); step++) {
    const move = dampedStep(problem, parameters, current, damping);
    if (move === null) break;
    const tried = parameters.map((value, at) => clamp(value + move[at]!, at));
    const next = problem.at(tried);
    if (next.squares < current.squares) {
      const gained = (current.squares - next.squares) / current.squares;
      parameters = tried;
      current = next;
      damping = Math.max(damping / 10, 1e-9);
      // Two slow steps in a row: one alone may be the damping's.
      slow = gained < CONVERGED ? slow + 1 : 0;
      if (slow > 1 || current.squares === 0) break;
    } else {
      damping *= 10;
      if (damping > 1e6) break;
    }
  }
  return { parameters, squares: current.squares };
}

/** −(JᵀJ + damping·diag)⁻¹ Jᵀr over the free parameters, 0 for the others; null when there is none. */
function dampedStep(
  { lower, upper }: LeastSquaresProblem,
  parameters: Float64Array,
  { gradient, curvature }: SquaresAt,
  damping: number,
): Float64Array | null {
  const size = parameters.length;
  const free: number[] = [];
  for (let i = 0; i < size; i++) {
    const held = gradient[i]! > 0 ? parameters[i]! <= lower[i]! : parameters[i]! >= upper[i]!;
    if (!held && curvature[i * size + i]! > 0) free.push(i);
  }
  const count = free.length;
  if (count === 0) return null;
  const matrix = new Float64Array(count * count);
  const right = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    const i = free[row]!;
    right[row] = -gradient[i]!;
    for (let column = 0; column <= row; column++) matrix[row * count + column] = curvature[i * size + free[column]!]!;
    matrix[row * count + row] = matrix[row * count + row]! * (1 + damping);
  }
  const factor = cholesky(matrix, count);
  if (factor === null) return null;
  const solved = solveCholesky(factor, count, right, 1);
  const move = new Float64Array(size);
  for (let row = 0; row < count; row++) move[free[row]!] = solved[row]!;
  return move.every(Number.isFinite) ? move : null;
}
