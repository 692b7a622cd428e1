/** What a method learned of the train part of a column; JSON, stored with the model. */
export type ImputationState = Readonly<Record<string, number>>;

export interface ImputationContext {
  /** Rows of a season; 1 where there is none. */
  readonly seasonLength: number;
  /** Observed points that medians look at, on each side they look to. */
  readonly neighbours: number;
}

/** A column after imputation. */
export interface FilledColumn {
  readonly values: Float64Array;
  /**
   * For methods that look ahead: the row that each row is final at, the row itself where it does not depend on later
   * ones, the length of the column where it never is. Null for causal methods: each row is final at once.
   */
  readonly settledAt: Int32Array | null;
}

/**
 * One way to fill small gaps. What an implementer owes: observed values stay as they are; leading NaN and gaps that are
 * not filled stay NaN; nothing else is NaN, and nothing is infinite; same values and state, same bytes. `fit` sees the
 * train part alone. A causal method fills the first `limitRows` rows of every gap, each from what was observed before
 * it; one that looks ahead fills the gaps of at most `limitRows` rows that are over, and says when each row is final.
 */
export interface ImputationMethod {
  /** The name that templates use. */
  readonly name: string;
  readonly looksAhead: boolean;
  fit(train: Float64Array, context: ImputationContext): ImputationState;
  fill(values: Float64Array, limitRows: number, state: ImputationState): FilledColumn;
}

/** Fills the first rows of each gap by `next(row)`, which is called for every missing row after the first value. */
export function fillAhead(
  values: Float64Array,
  limitRows: number,
  steps: { observe(value: number, row: number): void; next(row: number): number },
): FilledColumn {
  const filled = values.slice();
  let lastObserved = -1;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (!Number.isNaN(value)) {
      steps.observe(value, row);
      lastObserved = row;
    } else if (lastObserved >= 0) {
      const expected = steps.next(row);
      if (row - lastObserved <= limitRows) filled[row] = expected;
    }
  }
  return { values: filled, settledAt: null };
}

/** Missing rows [start, end) between two observed ones. */
export interface ClosedGap {
  readonly start: number;
  readonly end: number;
}

/** The value of each row of a gap, and the row at which they are final; null when the gap cannot be filled yet. */
export type GapFill = (gap: ClosedGap) => { readonly at: (row: number) => number; readonly settledAt: number } | null;

/**
 * Fills gaps that are over. Until its gap's end a row is not final: it may be filled, or masked if the gap grows large,
 * which is known when it has more than `limitRows` rows.
 */
export function fillBetween(values: Float64Array, limitRows: number, fill: GapFill): FilledColumn {
  const filled = values.slice();
  const settledAt = Int32Array.from(values, (_, row) => row);
  let lastObserved = -1;
  for (let row = 0; row <= values.length; row++) {
    if (row < values.length && Number.isNaN(values[row]!)) continue;
    const gap = { start: lastObserved + 1, end: row };
    const rows = gap.end - gap.start;
    if (lastObserved >= 0 && rows > 0) {
      const found = rows > limitRows || row === values.length ? null : fill(gap);
      const unfilled = rows > limitRows ? gap.start + limitRows : values.length;
      for (let at = gap.start; at < gap.end; at++) {
        if (found !== null) filled[at] = found.at(at);
        settledAt[at] = Math.max(at, found?.settledAt ?? unfilled);
      }
    }
    lastObserved = row;
  }
  return { values: filled, settledAt };
}
