import { TrainyardError } from '../../common/errors/index.js';
import type { StopReason } from '../algorithms/algorithm.js';
import { codeNames, type AutoencoderPlan } from '../autoencoder/autoencoder-plan.js';
import { completeRows, gatherRows, storeEncoder } from '../autoencoder/stored-encoder.js';
import {
  reconstructionLoss,
  trainAutoencoder,
  type AutoencoderEpoch,
  type AutoencoderOrder,
  type AutoencoderProgress,
} from '../autoencoder/train-autoencoder.js';
import { applyChain, fitChain } from '../transforms/transform-chain.js';
import type { PreparedFrames } from './prepared-frames.js';
import type { FittedAutoencoder, InputColumn, PartRows } from './processing-plan.js';
import { scaledInputs } from './scaled-inputs.js';

/** How the training of an autoencoder went; for the log and the picture. */
export interface AutoencoderReport {
  /** Complete rows of the train part that it was trained on, and those that decided when to stop. */
  readonly fittedRows: number;
  readonly heldOutRows: number;
  readonly trainRows: number;
  /** Width of each layer from the input to the code. */
  readonly widths: readonly number[];
  readonly loss: AutoencoderPlan['loss'];
  readonly epochs: readonly AutoencoderEpoch[];
  readonly bestEpoch: number;
  readonly plannedEpochs: number;
  readonly stopReason: StopReason;
  /**
   * Root mean squared error of rebuilding complete rows, in standard deviations of the train part: 1 is no better than
   * the mean of each column. `later`: the rows after the train part, for information; null where there is none.
   */
  readonly reconstruction: { readonly train: number; readonly later: number | null };
}

/** Fewer say nothing about how columns move together. */
const MINIMUM_ROWS = 10;

/**
 * Trains the autoencoder of a plan on the complete rows of the train part, nothing later.
 *
 * `columns` are the fitted model inputs; those of features are compressed, with `series` those of the assets too. After
 * the plan's scaling each is brought to mean 0 and deviation 1 in the train part: with a scaling of `none`, prices of
 * 40,000 beside returns of 0.01 would be all that is learned. Refused with `PARAMETER_INVALID` where the code
 * would not be narrower than its input, with `SERIES_TOO_SHORT` where too few rows are complete.
 */
export function* fitAutoencoder(
  plan: AutoencoderPlan,
  prepared: PreparedFrames,
  columns: readonly InputColumn[],
  parts: PartRows,
): Generator<AutoencoderProgress, { fitted: FittedAutoencoder; report: AutoencoderReport }, AutoencoderOrder> {
  const { start, end } = parts.train;
  const inputs = compressedColumns(plan, prepared, columns, parts);
  checkUnits(plan, inputs);
  const scaled = scaledInputs({ inputs }, prepared).columns;
  const rows = completeRows(scaled, start, end);
  checkRows(rows, inputs, scaled, parts);
  const matrix = gatherRows(scaled, rows);
  const trained = yield* trainAutoencoder(matrix, inputs.length, plan);
  const later = gatherRows(scaled, completeRows(scaled, end, parts.test.end));
  const error = (of: Float64Array): number => Math.sqrt(reconstructionLoss(trained.layers, of, inputs.length, 'mse'));
  return {
    fitted: { inputs, names: codeNames(plan.units), layers: storeEncoder(trained.encoder) },
    report: {
      fittedRows: trained.fittedRows,
      heldOutRows: trained.heldOutRows,
      trainRows: end - start,
      widths: [inputs.length, ...plan.hidden, plan.units],
      loss: plan.loss,
      epochs: trained.epochs,
      bestEpoch: trained.bestEpoch,
      plannedEpochs: plan.epochs,
      stopReason: trained.stopReason,
      reconstruction: { train: error(matrix), later: later.length === 0 ? null : error(later) },
    },
  };
}

/** The columns to compress: what the model's inputs are scaled to, brought to mean 0 and deviation 1 in the train part. */
function compressedColumns(
  { series: withSeries }: AutoencoderPlan,
  { series, features }: PreparedFrames,
  columns: readonly InputColumn[],
  { train }: PartRows,
): InputColumn[] {
  return columns.flatMap((column): InputColumn[] => {
    const at = series.names.indexOf(column.name);
    if (at >= 0 && !withSeries) return [];
    const values = at >= 0 ? series.columns[at]! : features.columns[features.names.indexOf(column.name)]!;
    const scaled = applyChain(column, { times: series.times, values }).subarray(train.start, train.end);
    const trainRows = { times: series.times.subarray(train.start, train.end), values: scaled };
    const scaling = fitChain('standard', trainRows, { seasonLength: 1, column: column.name });
    return [{ ...column, further: [...(column.further ?? []), scaling] }];
  });
}

function checkUnits({ units }: AutoencoderPlan, inputs: readonly InputColumn[]): void {
  if (units < inputs.length) return;
  throw new TrainyardError(
    'PARAMETER_INVALID',
    `features.autoencoder.units=${units} must be fewer than the ${inputs.length} columns it compresses (columns that cannot vary in this data are left out): lower it, add features, or set features.autoencoder.series`,
    { path: 'features.autoencoder.units', value: units, columns: inputs.length },
  );
}

function checkRows(
  rows: Int32Array,
  inputs: readonly InputColumn[],
  scaled: readonly Float64Array[],
  { train }: PartRows,
): void {
  if (rows.length >= MINIMUM_ROWS) return;
  const missing = scaled.map((column) => column.subarray(train.start, train.end).filter(Number.isNaN).length);
  const worst = missing.indexOf(Math.max(...missing));
  const trainRows = train.end - train.start;
  throw new TrainyardError(
    'SERIES_TOO_SHORT',
    `The autoencoder needs ${MINIMUM_ROWS} rows of the train part in which every column has a value, ${rows.length} of ${trainRows} have; ${inputs[worst]!.name} lacks most, ${missing[worst]!}: leave that column out, add data or switch features.autoencoder off`,
    { part: 'train', rows: rows.length, needed: MINIMUM_ROWS, column: inputs[worst]!.name, missing: missing[worst] },
  );
}
