import { TrainyardError } from '../../../common/errors/index.js';
import type { AssetFrame } from '../../frame/time-frame.js';
import type { PreparedFrames } from '../../processing/prepared-frames.js';
import type { PartRows, ProcessingPlan } from '../../processing/processing-plan.js';
import type { WindowedData } from '../../windows/windowed-data.js';
import { backtestCutoffs, betweenParts, type BacktestPlan } from './backtest-cutoffs.js';

/** One window of a backtest with refit: an ordinary training whose data end with the rows it forecasts. */
export interface RefitWindow {
  /** Row of the main axis. */
  readonly cutoff: number;
  /** Of the train and of the validation part. */
  readonly trainRows: number;
  readonly validationRows: number;
  readonly plan: ProcessingPlan;
}

/**
 * The windows as plans of ordinary trainings. Each has the rows up to its cut-off, all or the last `trainRows` of them, a
 * validation part at their end of the same share as in the main split, with the same purge and embargo before it and
 * before the cut-off, and a test part of the horizon after the cut-off. Nothing is fitted on the test part, and its
 * features are made from rows before each, so nothing of a window's forecast depends on a row after its cut-off, apart
 * from covariates that are known in advance.
 *
 * `BACKTEST_DOES_NOT_FIT` when a window would have no row to train or to validate on.
 */
export function refitWindows(
  plan: ProcessingPlan,
  backtest: BacktestPlan,
  { series, calendar }: Pick<PreparedFrames, 'series' | 'calendar'>,
  parts: PartRows,
): RefitWindow[] {
  const { times } = series;
  const { lookBack, horizon } = plan.windows;
  const { purge = 0, embargo = 0 } = plan.split;
  const gap = betweenParts(plan.split);
  const ofValidation = parts.validation.end - parts.validation.start;
  const ofTrain = parts.train.end - parts.train.start;
  const share = ofValidation / (ofTrain + ofValidation);
  const isObserved = observedRowsOf(plan, series.names, series.columns);
  return Array.from(backtestCutoffs(backtest, parts, plan.split, horizon), (cutoff): RefitWindow => {
    const fitEnd = cutoff + 1 - gap;
    const start = backtest.trainRows === null ? 0 : cutoff + 1 - backtest.trainRows;
    if (start < 0) throw tooLong(backtest, cutoff + 1);
    const fitted = fitEnd - start - (ofValidation === 0 ? 0 : gap);
    const validationRows = Math.floor(fitted * share);
    const trainRows = fitted - validationRows;
    if (trainRows < lookBack + horizon || (ofValidation > 0 && validationRows < horizon)) {
      throw tooShort(plan, cutoff + 1 - start, { trainRows, validationRows });
    }
    const trainBorder = start + trainRows + purge;
    const fitBorder = cutoff + 1 - embargo;
    const after = cutoff + horizon + 1;
    return {
      cutoff,
      trainRows,
      validationRows,
      plan: {
        ...plan,
        axis: {
          ...plan.axis,
          // A period of a grid holds what came after the row before.
          start: start === 0 ? plan.axis.start : times[start - 1]! + 1,
          end: endOfWindow(times, isObserved, calendar.grid === undefined ? after - 1 : after) ?? plan.axis.end,
        },
        split: {
          by: 'date',
          trainEnd: times[ofValidation === 0 ? fitBorder : trainBorder]!,
          validationEnd: times[fitBorder]!,
          testEnd: times[after] ?? null,
          ...(purge > 0 && { purge }),
          ...(embargo > 0 && { embargo }),
        },
      },
    };
  });
}

/** The frames without rows after the window: what is not there cannot be read. Views, no copies. */
export function framesOfWindow(frames: readonly AssetFrame[], { plan }: RefitWindow): AssetFrame[] {
  const { end } = plan.axis;
  if (end === null) return [...frames];
  return frames.map(({ frame, ...asset }) => {
    const after = frame.times.findIndex((time) => time > end);
    const rows = after < 0 ? frame.times.length : after;
    const columns = frame.columns.map((column) => column.subarray(0, rows));
    return { ...asset, frame: { ...frame, times: frame.times.subarray(0, rows), columns } };
  });
}

/**
 * The origin of the window among its own rows. `WINDOWS_NONE` when its rows are not those of the main axis: a calendar
 * that was inferred from fewer rows may expect others.
 */
export function originOfWindow({ times, origins, horizon }: WindowedData, cutoff: number, main: Float64Array): number {
  const [origin] = origins.test;
  if (origin !== undefined && origins.test.length === 1) {
    const isAsMain = Array.from({ length: horizon + 1 }, (_, step) => times[origin + step] === main[cutoff + step]);
    if (isAsMain.every(Boolean)) return origin;
  }
  const at = new Date(main[cutoff]!).toISOString();
  throw new TrainyardError(
    'WINDOWS_NONE',
    `The rows up to ${at} have another calendar than all of them, so the ${horizon} rows after it are not the same: set data.step`,
    { cutoff: at },
  );
}

/** 1 where a series has a value that forms the axis. */
function observedRowsOf(
  { targets, axis, knownFuture }: ProcessingPlan,
  names: readonly string[],
  columns: readonly Float64Array[],
): (row: number) => boolean {
  const forming = columns.filter((_, at) => {
    const name = names[at]!;
    if (knownFuture?.assets.includes(name) === true) return false;
    return axis.join !== 'targets' || targets.includes(name);
  });
  return (row) => forming.some((column) => !Number.isNaN(column[row]!));
}

/**
 * The time of the first row from `row` on that has a value: rows before it stay on the axis only if one follows, and a
 * period of a grid is over only then. Null where none follows.
 */
function endOfWindow(times: Float64Array, isObserved: (row: number) => boolean, row: number): number | null {
  for (let at = row; at < times.length; at++) if (isObserved(at)) return times[at]!;
  return null;
}

function tooLong({ trainRows }: BacktestPlan, rows: number): TrainyardError {
  return new TrainyardError(
    'BACKTEST_DOES_NOT_FIT',
    `backtest.trainRows=${trainRows} asks for more rows than the ${rows} up to the first cut-off: lower it, ask for fewer backtest.windows, or leave it out for all rows up to each cut-off`,
    { path: 'backtest.trainRows', value: trainRows, limit: rows },
  );
}

function tooShort(
  { windows: { lookBack, horizon } }: ProcessingPlan,
  rows: number,
  { trainRows, validationRows }: Pick<RefitWindow, 'trainRows' | 'validationRows'>,
): TrainyardError {
  return new TrainyardError(
    'BACKTEST_DOES_NOT_FIT',
    `The ${rows} rows up to a cut-off of the backtest give ${trainRows} train and ${validationRows} validation rows; look-back ${lookBack} + horizon ${horizon} needs ${lookBack + horizon}, and a validation part ${horizon}: raise backtest.trainRows, shorten the windows, or ask for fewer backtest.windows`,
    { path: 'backtest', rows, trainRows, validationRows, neededTrainRows: lookBack + horizon, horizon },
  );
}
