import { TrainyardError } from '../../common/errors/index.js';
import { inferSeasonLength } from '../calendar/season-length.js';
import type { AutoencoderOrder, AutoencoderProgress } from '../autoencoder/train-autoencoder.js';
import { getFeatureStep } from '../features/feature-steps.js';
import { applyChain, fitChain, isPositional } from '../transforms/transform-chain.js';
import { CAUSAL_NAMES } from '../gaps/imputation/imputation-methods.js';
import { observedRows } from '../gaps/observed-rows.js';
import { settledEnd, settledOrigins } from '../gaps/settled-rows.js';
import type { Series } from '../transforms/transform.js';
import { directionLimits } from '../windows/direction-labels.js';
import type { DirectionLimits } from '../windows/direction-limits.js';
import { sampleWeights } from '../windows/sample-weights.js';
import { windowOrigins, type WindowOrigins } from '../windows/window-origins.js';
import type { WindowedData } from '../windows/windowed-data.js';
import { fitAutoencoder, type AutoencoderReport } from './fit-autoencoder.js';
import { smallGapRows } from './fill-small-gaps.js';
import type { PreparedFrames } from './prepared-frames.js';
import type {
  FittedAutoencoder,
  FittedProcessing,
  InputColumn,
  PartRows,
  ProcessingPlan,
  RowRange,
  TargetColumn,
} from './processing-plan.js';
import { fitFuture, futureInputs } from './future-inputs.js';
import { inheritProcessing, learnedRows } from './inherit-processing.js';
import { codeColumns, scaledInputs } from './scaled-inputs.js';
import { checkPartLengths, checkSplit, splitRows } from './split-rows.js';

/**
 * Splits prepared frames by time, fits every transform on the train part and cuts the windows.
 *
 * Whatever is fitted (scalers, calendar, the limit of small gaps, season) comes from the train part; scalers of series
 * see its observed values only, imputed ones would narrow the spread. Inputs are the series of all assets in plan
 * order, then the features that can vary at the data's step, then the codes of an autoencoder. What cannot be trained
 * is refused with its numbers:
 * SERIES_EMPTY, SERIES_CONSTANT, SERIES_TOO_SHORT, WINDOWS_NONE, and the errors of `checkSplit`.
 *
 * With an `origin`, the processing of the model that a training goes on from, nothing is fitted but how small gaps are
 * filled: see `inheritProcessing`.
 */
export function fitProcessing(
  plan: ProcessingPlan,
  prepared: PreparedFrames,
  origin: FittedProcessing | null = null,
): FitOfProcessing {
  const fitting = fitProcessingInSteps(plan, prepared, origin);
  let step = fitting.next();
  while (step.done !== true) step = fitting.next();
  return step.value;
}

export interface FitOfProcessing {
  readonly fitted: FittedProcessing;
  readonly data: WindowedData;
  readonly parts: PartRows;
  /** How the autoencoder's training went; null where the plan has none. */
  readonly autoencoder: AutoencoderReport | null;
}

/**
 * The same with a pause wherever it takes long, between the batches of an autoencoder: the driver breathes, reports, and
 * may answer `stop` to go on with the best weights so far.
 */
export function* fitProcessingInSteps(
  plan: ProcessingPlan,
  prepared: PreparedFrames,
  origin: FittedProcessing | null = null,
): Generator<AutoencoderProgress, FitOfProcessing, AutoencoderOrder> {
  checkSplit(plan);
  const { series, filled } = prepared;
  const parts = splitRows(plan.split, series.times);
  checkPartLengths(plan, parts);
  checkSeries(plan, prepared, parts.train);
  const { fitted: columns, report } =
    origin === null
      ? yield* fitColumns(plan, prepared, parts)
      : { fitted: inheritProcessing(plan, prepared, parts, origin), report: null };
  const observed = plan.targets.map((asset) => observedRows(series.columns[series.names.indexOf(asset)]!));
  const directions = fitDirections(plan, prepared, observed, parts.train);
  const fitted = directions === null ? columns : { ...columns, directions };
  const inputs = scaledInputs(fitted, prepared);
  // By name: the inputs that a warm start takes over need not begin with all series.
  const rowsOfTarget = fitted.targets.map(({ asset }) => series.names.indexOf(asset));
  const original = rowsOfTarget.map((at) => filled.columns[at]!);
  const targetColumns = fitted.targets.map((target, at) =>
    applyChain(target, { times: series.times, values: original[at]! }),
  );
  const known = futureInputs(fitted, prepared.filled);
  // What is read of the forecast rows has to be there, as their targets do.
  const ahead = [...targetColumns, ...(known?.columns ?? [])];
  const complete = windowOrigins(inputs.columns, ahead, parts, plan.windows);
  const origins = settledOrigins(complete, prepared.settledAt, parts, plan.windows.horizon, known !== undefined);
  checkWindows(plan, parts, { complete, origins }, inputs);
  const data: WindowedData = {
    times: series.times,
    lookBack: plan.windows.lookBack,
    horizon: plan.windows.horizon,
    seasonLength: fitted.seasonLength,
    inputs,
    ...(known && { future: known }),
    targets: {
      names: plan.targets,
      columns: targetColumns,
      original,
      isPositional: fitted.targets.some(isPositional),
      observed,
      inputs: fitted.targets.map(({ input }) => input),
    },
    ...(directions && { directions }),
    origins,
    ...(plan.windows.halfLife !== undefined && { weights: sampleWeights(origins.train, plan.windows.halfLife) }),
  };
  return { fitted, data, parts, autoencoder: report };
}

/** Fits all that is fitted on the train part. */
function* fitColumns(
  plan: ProcessingPlan,
  prepared: PreparedFrames,
  parts: PartRows,
): Generator<AutoencoderProgress, { fitted: FittedProcessing; report: AutoencoderReport | null }, AutoencoderOrder> {
  const { series, calendar } = prepared;
  const trainRows = parts.train.end - parts.train.start;
  const seasonLength = plan.seasonLength ?? inferSeasonLength(calendar, trainRows);
  // Raw series are final in every row; what is made of filled ones only up to here.
  const settled = { start: parts.train.start, end: settledEnd(prepared.settledAt, parts) };
  const columns = fitInputs(plan, prepared, { series: parts.train, feature: settled }, seasonLength);
  const encoded =
    plan.autoencoder && (yield* fitAutoencoder(plan.autoencoder, prepared, columns, { ...parts, train: settled }));
  const future = fitFuture(plan, prepared, columns, parts.train, seasonLength);
  const fitted: FittedProcessing = {
    format: 1,
    plan,
    inputs: encoded ? withCodes(plan, prepared, columns, encoded.fitted, settled, seasonLength) : columns,
    ...(encoded && { autoencoder: encoded.fitted }),
    targets: fitTargets(plan, prepared, parts.train, seasonLength),
    ...(future.length > 0 && { future }),
    calendar,
    smallGapRows: smallGapRows(plan, series.times),
    imputations: prepared.imputations,
    seasonLength,
    learned: learnedRows(parts, series.times),
  };
  return { fitted, report: encoded?.report ?? null };
}

function fitInputs(
  plan: ProcessingPlan,
  prepared: PreparedFrames,
  rows: Readonly<Record<'series' | 'feature', RowRange>>,
  seasonLength: number,
): InputColumn[] {
  const { series, features, featureAssets } = prepared;
  const fit = (column: string, asset: string | null, values: Float64Array, kind: 'series' | 'feature'): InputColumn => {
    const trainRows = rowsOf({ times: series.times, values }, rows[kind]);
    const chain = asTheyAre.has(column) ? 'none' : plan.scaling.inputs;
    return { name: column, asset, ...fitChain(chain, trainRows, { seasonLength, column }, kind) };
  };
  const asTheyAre = unscaledColumns(plan);
  const idle = columnsThatCannotVary(plan, prepared);
  return [
    ...series.names.map((asset, at) => fit(asset, asset, series.columns[at]!, 'series')),
    ...features.names.flatMap((column, at) =>
      idle.has(column) ? [] : [fit(column, featureAssets[at]!, features.columns[at]!, 'feature')],
    ),
  ];
}

/** The series, the features unless the codes replace them, and the codes, scaled like every input. */
function withCodes(
  plan: ProcessingPlan,
  prepared: PreparedFrames,
  columns: readonly InputColumn[],
  autoencoder: FittedAutoencoder,
  train: RowRange,
  seasonLength: number,
): InputColumn[] {
  const kept = plan.autoencoder?.replaces
    ? columns.filter(({ name }) => prepared.series.names.includes(name))
    : columns;
  const { times } = prepared.series;
  const codes = codeColumns(autoencoder, prepared).map((values, at): InputColumn => {
    const column = autoencoder.names[at]!;
    const trainRows = rowsOf({ times, values }, train);
    return {
      name: column,
      asset: null,
      ...fitChain(plan.scaling.inputs, trainRows, { seasonLength, column }, 'feature'),
    };
  });
  return [...kept, ...codes];
}

function columnsThatCannotVary(plan: ProcessingPlan, { calendar }: PreparedFrames): ReadonlySet<string> {
  const idle = new Set<string>();
  for (const { step: name, parameters, assets } of plan.features) {
    const step = getFeatureStep(name);
    for (const column of step.columnNames(parameters)) {
      if (step.keeps?.(column, calendar) !== false) continue;
      if (step.scope === 'axis') idle.add(column);
      else for (const asset of assets) idle.add(`${asset}_${column}`);
    }
  }
  return idle;
}

/** Columns of steps whose numbers are meant as they are. */
function unscaledColumns(plan: ProcessingPlan): ReadonlySet<string> {
  return new Set(
    plan.features.flatMap(({ step: name, parameters, assets }) => {
      const step = getFeatureStep(name);
      if (step.isConstant !== true) return [];
      return step.columnNames(parameters).flatMap((column) => assets.map((asset) => `${asset}_${column}`));
    }),
  );
}

function fitTargets(
  plan: ProcessingPlan,
  { series }: PreparedFrames,
  train: RowRange,
  seasonLength: number,
): TargetColumn[] {
  return plan.targets.map((asset) => {
    const input = series.names.indexOf(asset);
    if (input < 0) throw new Error(`target ${asset} is not among the planned assets ${series.names.join(', ')}`);
    const trainRows = rowsOf({ times: series.times, values: series.columns[input]! }, train);
    return { asset, input, ...fitChain(plan.scaling.targets, trainRows, { seasonLength, column: asset }) };
  });
}

/** What the task direction learns of the train part before any model; null under any other task. */
function fitDirections(
  { task, targets, windows, directionThreshold = 0 }: ProcessingPlan,
  { series, filled }: PreparedFrames,
  observed: readonly Uint8Array[],
  train: RowRange,
): DirectionLimits | null {
  if (task !== 'direction') return null;
  const originals = targets.map((asset) => filled.columns[series.names.indexOf(asset)]!);
  return directionLimits({ names: targets, observed }, originals, train, windows.horizon, directionThreshold);
}

function rowsOf({ times, values }: Series, { start, end }: RowRange): Series {
  return { times: times.subarray(start, end), values: values.subarray(start, end) };
}

function checkSeries(plan: ProcessingPlan, { series }: PreparedFrames, train: RowRange): void {
  series.names.forEach((asset, at) => {
    const column = series.columns[at]!;
    const numbers = column.subarray(train.start, train.end).filter((value) => !Number.isNaN(value));
    if (numbers.length === 0) {
      const observed = column.filter((value) => !Number.isNaN(value)).length;
      throw new TrainyardError(
        'SERIES_EMPTY',
        `${asset} has no observed value in the ${train.end - train.start} rows of the train part (${observed} in all): leave it out or move the split`,
        { asset, trainRows: train.end - train.start, observed },
      );
    }
    if (plan.targets.includes(asset) && isConstant(numbers)) {
      throw new TrainyardError(
        'SERIES_CONSTANT',
        `Target ${asset} is ${numbers[0]!} in all ${numbers.length} observed rows of the train part, there is nothing to learn: leave it out of the targets or move the split`,
        { asset, value: numbers[0], rows: numbers.length },
      );
    }
  });
}

/** Equal, or apart by no more than rounding. */
function isConstant(numbers: Float64Array): boolean {
  const first = numbers[0]!;
  return numbers.every((value) => Math.abs(value - first) <= 8 * Number.EPSILON * Math.abs(first));
}

/** WINDOWS_NONE for a part that has rows and no window. */
export function checkWindows(
  plan: ProcessingPlan,
  parts: PartRows,
  { complete, origins }: { readonly complete: WindowOrigins; readonly origins: WindowOrigins },
  inputs: WindowedData['inputs'],
): void {
  const { lookBack, horizon } = plan.windows;
  for (const part of ['train', 'validation', 'test'] as const) {
    const { start, end } = parts[part];
    if (end === start || origins[part].length > 0) continue;
    if (complete[part].length > 0) throw noSettledWindow(part, complete[part].length, plan);
    const missing = inputs.columns.map((column) => column.subarray(start, end).filter(Number.isNaN).length);
    const worst = missing.indexOf(Math.max(...missing));
    throw new TrainyardError(
      'WINDOWS_NONE',
      `No window of ${lookBack} + ${horizon} rows in the ${end - start} rows of the ${part} part is complete; ${inputs.names[worst]!} lacks most values, ${missing[worst]!}: shorten the windows, raise gaps.largeShare, or leave that column out`,
      { part, rows: end - start, lookBack, horizon, column: inputs.names[worst], missing: missing[worst] },
    );
  }
}

function noSettledWindow(part: string, windows: number, { gaps }: ProcessingPlan): TrainyardError {
  return new TrainyardError(
    'WINDOWS_NONE',
    `All ${windows} complete windows of the ${part} part end in or near a gap that gaps.imputation=${gaps.imputation} fills with what comes later: choose a causal method (${CAUSAL_NAMES.join(', ')} or auto)${gaps.imputation === 'median' ? `, or lower gaps.neighbours, which is ${gaps.neighbours}` : ''}`,
    { part, windows, imputation: gaps.imputation, causal: CAUSAL_NAMES },
  );
}
