import { createRandom } from '../engine/random.js';
import { gapFeatures, PresenceHistory, type GapCycle, type GapFeatureShape } from './gap-features.js';
import { choosePenalty } from './choose-penalty.js';
import { fitLogistic, logistic } from './logistic-regression.js';

/** The classifier of one target; JSON. */
export interface TargetGapClassifier {
  readonly asset: string;
  readonly intercept: number;
  /** By feature, see `gapFeatures`. */
  readonly weights: Readonly<Record<string, number>>;
}

/** The artifact `gap-classifier.json`: a classifier for each target with a large gap in its train part. */
export interface GapClassifier {
  readonly format: 1;
  readonly lookBack: number;
  readonly horizon: number;
  readonly cycles: readonly GapCycle[];
  readonly targets: readonly TargetGapClassifier[];
}

/** A forecast row and where it is forecast from. */
export interface GapExample {
  readonly origin: number;
  /** 1 … horizon. */
  readonly step: number;
}

const MAXIMUM_EXAMPLES = 8_000;
/** Of the train rows; the penalty is chosen on the others, which are the latest. */
const FITTED_SHARE = 0.75;
/** Fewer of either class are no ground for a probability. */
const MINIMUM_OF_CLASS = 10;
/** One gap, or two, have nothing in common that a model could learn; it would take chance for a rule. */
const MINIMUM_GAPS = 3;
const STREAM = 0x676170;

/**
 * Fits P(row t + h is missing | what is known at t) for one target, by logistic regression. Missing means: the raw series
 * has no observation in that row of the completed axis, be the gap small or large. Only rows [start, end) are read, where
 * `start` is the row of the first observation: before a series begins it is not missing.
 *
 * Null with fewer than three gaps, or too few rows of either class. Of more than 20,000 pairs of origin and step as many are drawn.
 */
export function fitTargetGapClassifier(
  asset: string,
  present: Uint8Array,
  times: Float64Array,
  { start, end }: { readonly start: number; readonly end: number },
  shape: GapFeatureShape,
  seed: number,
): { readonly classifier: TargetGapClassifier; readonly examples: number; readonly missingShare: number } | null {
  if (largeGaps(present, { start, end }, 0).length < MINIMUM_GAPS) return null;
  const examples = gapExamples({ from: start + shape.lookBack - 1, firstTarget: start, end }, shape.horizon, {
    maximum: MAXIMUM_EXAMPLES,
    seed,
  });
  const labels = Uint8Array.from(examples, ({ origin, step }) => 1 - present[origin + step]!);
  const missing = labels.reduce((sum, label) => sum + label, 0);
  if (Math.min(missing, labels.length - missing) < MINIMUM_OF_CLASS) return null;
  const features = gapFeatures(shape);
  const history = new PresenceHistory(present.subarray(0, end));
  const rows = new Float64Array(examples.length * features.length);
  examples.forEach(({ origin, step }, at) => {
    features.forEach(({ value }, column) => {
      rows[at * features.length + column] = value(history, origin, step, times[origin + step]!);
    });
  });
  const border = start + Math.floor(FITTED_SHARE * (end - start));
  const isEarly = (at: number): boolean => examples[at]!.origin + examples[at]!.step < border;
  const isLate = (at: number): boolean => examples[at]!.origin >= border - 1;
  const lambda = choosePenalty(rows, labels, features.length, { isEarly, isLate });
  const { intercept, weights } = fitLogistic(rows, labels, features.length, lambda);
  return {
    classifier: {
      asset,
      intercept,
      weights: Object.fromEntries(features.map(({ name }, at) => [name, weights[at]!])),
    },
    examples: examples.length,
    missingShare: missing / labels.length,
  };
}

/**
 * All pairs of an origin ≥ `from` and a step whose row lies in [firstTarget, end), by origin and step; of more than
 * `maximum` pairs so many are drawn, each anew, from the seed.
 */
export function gapExamples(
  { from, firstTarget, end }: { readonly from: number; readonly firstTarget: number; readonly end: number },
  horizon: number,
  { maximum, seed }: { readonly maximum: number; readonly seed: number },
): GapExample[] {
  const first = Math.max(0, from);
  const origins = Math.max(0, end - 1 - first);
  const isIn = ({ origin, step }: GapExample): boolean => origin + step < end && origin + step >= firstTarget;
  if (origins * horizon <= maximum) {
    const all = Array.from({ length: origins * horizon }, (_, at) => ({
      origin: first + Math.floor(at / horizon),
      step: (at % horizon) + 1,
    }));
    return all.filter(isIn);
  }
  const random = createRandom(seed, STREAM);
  const drawn: GapExample[] = [];
  while (drawn.length < maximum) {
    const example = { origin: first + random.integer(origins), step: 1 + random.integer(horizon) };
    if (isIn(example)) drawn.push(example);
  }
  return drawn;
}

/** Gives the probability that a row is missing, from presence up to its origin; `time` is that of the row. */
export type GapForecast = (example: GapExample, time: number) => number;

/** Opens the classifier of one target over its presence on an axis; null where the target has none. */
export function openGapForecast(
  { lookBack, horizon, cycles, targets }: GapClassifier,
  asset: string,
  present: Uint8Array,
): GapForecast | null {
  const found = targets.find((target) => target.asset === asset);
  if (found === undefined) return null;
  const history = new PresenceHistory(present);
  const terms = gapFeatures({ lookBack, horizon, cycles }).map(({ name, value }) => {
    const weight = found.weights[name];
    if (weight === undefined) throw new Error(`the gap classifier of ${asset} has no weight of ${name}`);
    return { weight, value };
  });
  return ({ origin, step }, time) =>
    logistic(
      terms.reduce((sum, { weight, value }) => sum + weight * value(history, origin, step, time), found.intercept),
    );
}

/** The longest gap of at most these rows is small; the runs of [start, end) that are longer, `end` excluded. */
export function largeGaps(
  present: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
  smallGapRows: number,
): { readonly start: number; readonly end: number }[] {
  const gaps: { start: number; end: number }[] = [];
  const first = present.indexOf(1, start);
  let from = first;
  for (let row = first; first >= 0 && row <= end; row++) {
    if (row < end && present[row] === 0) continue;
    if (row - from > smallGapRows) gaps.push({ start: from, end: row });
    from = row + 1;
  }
  return gaps;
}
