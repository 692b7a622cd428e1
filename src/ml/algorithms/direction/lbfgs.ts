/** A smooth convex function: its value at `theta`, the gradient written into `gradient`. */
export type SmoothFunction = (theta: Float64Array, gradient: Float64Array) => number;

export interface Minimum {
  readonly theta: Float64Array;
  readonly value: number;
  /** Largest element of the gradient there, by size. */
  readonly slope: number;
  readonly iterations: number;
}

/** Pairs of steps and gradient changes that stand for the curvature. */
const MEMORY = 10;
const SUFFICIENT_DECREASE = 1e-4;
const CURVATURE = 0.9;
const MOST_TRIALS = 40;

/**
 * Minimises by L-BFGS with a bisecting line search for the weak Wolfe conditions, until no element of the gradient is
 * larger than `tolerance`, or until rounding leaves nothing to gain. Deterministic. Sources: Nocedal & Wright, Numerical
 * Optimization, 2nd edition, algorithms 7.4 and 7.5; the search as in Lewis & Overton, Mathematical Programming 141 (2013).
 */
export function minimise(
  of: SmoothFunction,
  start: Float64Array,
  {
    tolerance,
    maximumIterations,
    precondition = () => {},
  }: {
    readonly tolerance: number;
    readonly maximumIterations: number;
    /** Applies, in place, what is about the inverse of the Hessian, up to a factor; symmetric and positive definite. */
    readonly precondition?: (vector: Float64Array) => void;
  },
): Minimum {
  const size = start.length;
  let theta = start.slice();
  let gradient = new Float64Array(size);
  let value = of(theta, gradient);
  const pairs: { readonly step: Float64Array; readonly change: Float64Array; readonly curvature: number }[] = [];
  let iterations = 0;
  while (iterations < maximumIterations && largestSize(gradient) > tolerance) {
    const direction = descent(gradient, pairs, precondition);
    const slope = dot(direction, gradient);
    const next = search(of, theta, value, direction, slope, 1);
    if (next === null) break;
    iterations++;
    const step = next.theta.map((element, at) => element - theta[at]!);
    const change = next.gradient.map((element, at) => element - gradient[at]!);
    const curvature = dot(step, change);
    if (curvature > 0) {
      pairs.push({ step, change, curvature });
      if (pairs.length > MEMORY) pairs.shift();
    }
    ({ theta, gradient, value } = next);
  }
  return { theta, value, slope: largestSize(gradient), iterations };
}

/** The two loops: minus the inverse Hessian of the pairs times the gradient. */
function descent(
  gradient: Float64Array,
  pairs: readonly { readonly step: Float64Array; readonly change: Float64Array; readonly curvature: number }[],
  precondition: (vector: Float64Array) => void,
): Float64Array {
  const direction = gradient.map((element) => -element);
  const shares = new Float64Array(pairs.length);
  for (let at = pairs.length - 1; at >= 0; at--) {
    const { step, change, curvature } = pairs[at]!;
    shares[at] = dot(step, direction) / curvature;
    addTo(direction, change, -shares[at]!);
  }
  precondition(direction);
  const last = pairs[pairs.length - 1];
  if (last !== undefined) {
    const conditioned = last.change.slice();
    precondition(conditioned);
    const scale = last.curvature / dot(last.change, conditioned);
    for (let at = 0; at < direction.length; at++) direction[at]! *= scale;
  }
  pairs.forEach(({ step, change, curvature }, at) => {
    addTo(direction, step, shares[at]! - dot(change, direction) / curvature);
  });
  return direction;
}

/** A step that descends enough and far enough; null where rounding hides any descent. */
function search(
  of: SmoothFunction,
  theta: Float64Array,
  value: number,
  direction: Float64Array,
  slope: number,
  first: number,
) {
  let [low, high, share] = [0, Infinity, first];
  const gradient = new Float64Array(theta.length);
  let descended: { theta: Float64Array<ArrayBuffer>; gradient: Float64Array<ArrayBuffer>; value: number } | null = null;
  for (let trial = 0; trial < MOST_TRIALS; trial++) {
    const moved = Float64Array.from(theta, (element, at) => element + share * direction[at]!);
    const reached = of(moved, gradient);
    if (reached > value + SUFFICIENT_DECREASE * share * slope) high = share;
    else {
      descended = { theta: moved, gradient: gradient.slice(), value: reached };
      if (dot(gradient, direction) >= CURVATURE * slope) return descended;
      low = share;
    }
    share = high === Infinity ? 2 * low : (low + high) / 2;
  }
  return descended !== null && descended.value < value ? descended : null;
}

function largestSize(values: Float64Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}

function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += one[at]! * other[at]!;
  return sum;
}

function addTo(into: Float64Array, values: Float64Array, share: number): void {
  for (let at = 0; at < into.length; at++) into[at]! += share * values[at]!;
}
