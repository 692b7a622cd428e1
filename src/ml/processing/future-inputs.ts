import { TrainyardError } from '../../common/errors/index.js';
import { getFeatureStep } from '../features/feature-steps.js';
import type { FeatureColumn } from '../features/feature-step.js';
import type { AssetFrame, TimeFrame } from '../frame/time-frame.js';
import { applyChain, fitChain } from '../transforms/transform-chain.js';
import type { InputMatrix } from '../windows/windowed-data.js';
import { getFrame, placeSeries } from './align-assets.js';
import { fillColumns, type FilledSeries } from './fill-small-gaps.js';
import type { PreparedFrames } from './prepared-frames.js';
import type { FittedProcessing, InputColumn, ProcessingPlan, RowRange, SeriesCalendar } from './processing-plan.js';

/**
 * The known-future covariates of a plan with their scaling: the assets, scaled as among the inputs, then the calendar
 * columns that vary at the step of the data. Fitted on the train part, like every input.
 */
export function fitFuture(
  { knownFuture, scaling }: ProcessingPlan,
  { series, calendar }: PreparedFrames,
  inputs: readonly InputColumn[],
  train: RowRange,
  seasonLength: number,
): InputColumn[] {
  if (knownFuture === undefined) return [];
  const assets = knownFuture.assets.map((asset) => {
    const column = inputs.find(({ name }) => name === asset);
    if (column === undefined) throw new Error(`${asset} is known in advance and not among the inputs`);
    return column;
  });
  if (!knownFuture.calendar) return assets;
  const times = series.times.subarray(train.start, train.end);
  const cycles = calendarColumns(times, calendar).map(({ name, values }): InputColumn => {
    const chain = fitChain(scaling.inputs, { times, values }, { seasonLength, column: name }, 'feature');
    return { name, asset: null, ...chain };
  });
  return [...assets, ...cycles];
}

/** The covariates over the rows of `filled`, scaled; undefined where the plan knows nothing in advance. */
export function futureInputs(
  { future, calendar }: Pick<FittedProcessing, 'future' | 'calendar'>,
  filled: TimeFrame,
): InputMatrix | undefined {
  if (future === undefined) return undefined;
  const { times } = filled;
  const cycles = future.some(({ asset }) => asset === null) ? calendarColumns(times, calendar) : [];
  return {
    names: future.map(({ name }) => name),
    assets: future.map(({ asset }) => asset),
    columns: future.map((column) => {
      const { name, asset } = column;
      const values =
        asset === null
          ? cycles.find((cycle) => cycle.name === name)?.values
          : filled.columns[filled.names.indexOf(asset)];
      if (values === undefined) throw new Error(`there is no known-future column ${name}`);
      return applyChain(column, { times, values });
    }),
  };
}

/** What a forecast knows of the rows after its origin. */
export interface KnownRows {
  /** Over all rows up to the origin and the forecast rows after them. */
  readonly inputs: InputMatrix;
  /** The forecast rows' values as they were given, by asset; NaN where imputed. */
  readonly given: TimeFrame;
}

/**
 * The covariates over the axis and the forecast rows `following` it, made as in training: placed on the longer axis, small
 * gaps filled by the fitted imputation, scaled. Byte-equal to the offline columns of an axis that has these rows.
 * FUTURE_MISSING when a forecast row has no value that is given or may be imputed.
 */
export function knownRows(
  fitted: FittedProcessing,
  plan: ProcessingPlan,
  frames: readonly AssetFrame[],
  axis: Float64Array,
  following: Float64Array,
): KnownRows | undefined {
  const { calendar } = fitted;
  const times = new Float64Array(axis.length + following.length);
  times.set(axis);
  times.set(following, axis.length);
  const assets = plan.assets.filter(({ id }) => plan.knownFuture?.assets.includes(id));
  const raw = assets.map((asset) => {
    const { frame } = getFrame(frames, asset);
    const values = frame.columns[frame.names.indexOf(asset.column)];
    if (values === undefined) throw new Error(`the alignment would have missed column ${asset.column} of ${asset.id}`);
    return placeSeries(frame.times, values, times, calendar, plan.axis);
  });
  const names = assets.map(({ id }) => id);
  const keys = assets.map(({ id, column }) => `${id}/${column}`);
  const filled = fillColumns({ times, names, columns: raw, keys }, { calendar }, plan, fitted);
  checkForecastRows(filled, raw, axis.length);
  const inputs = futureInputs(fitted, filled);
  if (inputs === undefined) return undefined;
  const given = { times: following, names, columns: raw.map((column) => column.subarray(axis.length)) };
  return { inputs, given };
}

/** A value is there when it was given, or when what it was filled from is all known by the last forecast row. */
function checkForecastRows(
  { times, names, columns, settledAt }: FilledSeries,
  raw: readonly Float64Array[],
  from: number,
): void {
  const missing = columns.flatMap((column, at) => {
    const rows: string[] = [];
    for (let row = from; row < times.length; row++) {
      const isOpen = Number.isNaN(raw[at]![row]!) && settledAt !== null && settledAt[row]! >= times.length;
      if (Number.isNaN(column[row]!) || isOpen) rows.push(new Date(times[row]!).toISOString());
    }
    return rows.length === 0 ? [] : [{ column: names[at]!, times: rows }];
  });
  if (missing.length === 0) return;
  const shown = missing.map(
    ({ column, times: rows }) =>
      `${column} at ${rows.slice(0, 3).join(', ')}${rows.length > 3 ? `, … (${rows.length} rows)` : ''}`,
  );
  throw new TrainyardError(
    'FUTURE_MISSING',
    `The model knows ${names.join(', ')} in advance, and the forecast rows lack ${shown.join('; ')}: append these rows to the dataset, or give them in "future" of the request`,
    { missing },
  );
}

function calendarColumns(times: Float64Array, calendar: SeriesCalendar): FeatureColumn[] {
  const step = getFeatureStep('calendar');
  const columns = step.compute({ times, value: new Float64Array(0), column: () => undefined }, {});
  return columns.filter(({ name }) => step.keeps?.(name, calendar) !== false);
}
