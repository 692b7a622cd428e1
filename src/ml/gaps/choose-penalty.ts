import { fitLogistic, logistic } from './logistic-regression.js';

/** Of standardised columns. Examples that follow each other are alike: there are fewer of them than it seems. */
const PENALTIES = [1, 30, 1_000] as const;
const WITHOUT_CHOICE = 30;

/**
 * The penalty with the least log loss on late examples, of models that were fitted to early ones: whether a pattern of
 * gaps lasts, only time tells. Where one of the two has one class only there is no choice, and it is 30.
 */
export function choosePenalty(
  rows: Float64Array,
  labels: Uint8Array,
  width: number,
  { isEarly, isLate }: { readonly isEarly: (at: number) => boolean; readonly isLate: (at: number) => boolean },
): number {
  const all = [...labels.keys()];
  const early = examplesOf(rows, labels, width, all.filter(isEarly));
  const late = examplesOf(rows, labels, width, all.filter(isLate));
  if (!hasBoth(early.labels) || !hasBoth(late.labels)) return WITHOUT_CHOICE;
  const losses = PENALTIES.map((lambda) => {
    const { intercept, weights } = fitLogistic(early.rows, early.labels, width, lambda);
    let loss = 0;
    late.labels.forEach((label, row) => {
      let z = intercept;
      for (let column = 0; column < width; column++) z += weights[column]! * late.rows[row * width + column]!;
      loss -= Math.log(Math.max(logistic(label === 1 ? z : -z), Number.MIN_VALUE));
    });
    return loss;
  });
  return PENALTIES[losses.indexOf(Math.min(...losses))]!;
}

function examplesOf(rows: Float64Array, labels: Uint8Array, width: number, chosen: readonly number[]) {
  const taken = new Float64Array(chosen.length * width);
  chosen.forEach((at, row) => taken.set(rows.subarray(at * width, (at + 1) * width), row * width));
  return { rows: taken, labels: Uint8Array.from(chosen, (at) => labels[at]!) };
}

function hasBoth(labels: Uint8Array): boolean {
  return labels.includes(0) && labels.includes(1);
}
