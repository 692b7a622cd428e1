import { inferSeasonLength } from '../calendar/season-length.js';
import type { TimeFrame } from '../frame/time-frame.js';
import { fitImputation, type FittedImputation } from '../gaps/imputation/choose-imputation.js';
import { getImputationMethod } from '../gaps/imputation/imputation-methods.js';
import { laterSettled } from '../gaps/settled-rows.js';
import type { AlignedSeries } from './align-assets.js';
import type { ProcessingPlan } from './processing-plan.js';
import { splitRows } from './split-rows.js';

/**
 * Longest run of missing rows that is imputed: the share `gaps.largeShare` of the train part's rows, rounded down. From
 * the train part alone, so that the length of what follows does not decide how it is filled.
 */
export function smallGapRows(plan: ProcessingPlan, times: Float64Array): number {
  const { train } = splitRows(plan.split, times);
  return Math.floor(plan.gaps.largeShare * (train.end - train.start));
}

/** What a fit fixed about gaps and is used unchanged online. */
export interface FixedFilling {
  readonly smallGapRows: number;
  /** By `{asset}/{column}`; absent in models from before there was a choice. */
  readonly imputations?: Readonly<Record<string, FittedImputation>>;
}

/** Columns after imputation, and how it was done. */
export interface FilledSeries extends TimeFrame {
  /** By `{asset}/{column}`. */
  readonly imputations: Readonly<Record<string, FittedImputation>>;
  /** The row at which all columns' values of a row are final; null when each is at once. See `settledOrigins`. */
  readonly settledAt: Int32Array | null;
}

/** Named columns of an asset, or the main columns of all; `keys[i]` is `{asset}/{column}`. */
interface GappyColumns extends TimeFrame {
  readonly keys: readonly string[];
}

/** The main column of every asset after imputation. */
export function fillSmallGaps(series: AlignedSeries, plan: ProcessingPlan, fixed?: FixedFilling): FilledSeries {
  const keys = plan.assets.map(({ id, column }) => `${id}/${column}`);
  return fillColumns({ ...series, keys }, series, plan, fixed);
}

/**
 * Fills the small gaps of columns on the common axis, each by its own imputation: that of `fixed`, else the plan's
 * method fitted to the train part.
 */
export function fillColumns(
  { times, names, columns, keys }: GappyColumns,
  { calendar }: Pick<AlignedSeries, 'calendar'>,
  plan: ProcessingPlan,
  fixed?: FixedFilling,
): FilledSeries {
  const { train } = splitRows(plan.split, times);
  const limitRows = fixed?.smallGapRows ?? smallGapRows(plan, times);
  const seasonLength = plan.seasonLength ?? inferSeasonLength(calendar, train.end - train.start);
  const context = { seasonLength, neighbours: plan.gaps.neighbours };
  const imputations: Record<string, FittedImputation> = {};
  let settledAt: Int32Array | null = null;
  const filled = columns.map((column, at) => {
    const key = keys[at]!;
    const imputation =
      fixed?.imputations?.[key] ??
      fitImputation(plan.gaps.imputation, column.subarray(train.start, train.end), limitRows, context);
    imputations[key] = imputation;
    const result = getImputationMethod(imputation.method).fill(column, limitRows, imputation.state);
    settledAt = laterSettled(settledAt, result.settledAt);
    return result.values;
  });
  return { times, names, columns: filled, imputations, settledAt };
}
