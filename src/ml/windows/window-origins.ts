import type { PartRows, RowRange, WindowPlan } from '../processing/processing-plan.js';

export interface WindowOrigins {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

/**
 * Origins of the complete windows of each part: no NaN in `lookBack` rows of any input up to the origin, none in
 * `horizon` rows of any target after it.
 *
 * A train window lies in the train part as a whole; its origins begin at the earliest and go by `stride`, whichever of
 * them are complete. The rows that a validation or test window forecasts all lie in its part, its look-back may reach
 * into the part before: those rows are known at the origin. The first such origin is the row before the part, and they
 * go by `evaluationStride`: by 1 a part of m rows has up to m − horizon + 1 windows, by the horizon they do not overlap.
 */
export function windowOrigins(
  inputs: readonly Float64Array[],
  targets: readonly Float64Array[],
  rows: PartRows,
  windows: WindowPlan,
): WindowOrigins {
  const { lookBack, horizon, stride, evaluationStride = 1 } = windows;
  const inputGaps = runningGaps(inputs, rows.test.end);
  const targetGaps = runningGaps(targets, rows.test.end);
  const collect = (first: number, part: RowRange, step: number): Int32Array => {
    const origins: number[] = [];
    for (let origin = first; origin + horizon < part.end; origin += step) {
      const inputComplete = inputGaps[origin + 1] === inputGaps[origin + 1 - lookBack];
      if (inputComplete && targetGaps[origin + 1 + horizon] === targetGaps[origin + 1]) origins.push(origin);
    }
    return Int32Array.from(origins);
  };
  const firstAfter = (part: RowRange): number => Math.max(part.start - 1, lookBack - 1);
  return {
    train: collect(rows.train.start + lookBack - 1, rows.train, stride),
    validation: collect(firstAfter(rows.validation), rows.validation, evaluationStride),
    test: collect(firstAfter(rows.test), rows.test, evaluationStride),
  };
}

/** gaps[r] = rows before r in which any column is NaN, so a range of rows is complete when both its ends are equal. */
function runningGaps(columns: readonly Float64Array[], length: number): Int32Array {
  const gaps = new Int32Array(length + 1);
  for (const column of columns) {
    for (let row = 0; row < length; row++) if (Number.isNaN(column[row]!)) gaps[row + 1] = 1;
  }
  for (let row = 0; row < length; row++) gaps[row + 1]! += gaps[row]!;
  return gaps;
}
