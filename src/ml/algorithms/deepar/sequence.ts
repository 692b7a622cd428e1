import type { InputMatrix } from '../../windows/windowed-data.js';
import { numberFact } from '../own-series.js';
import type { ModelState } from '../algorithm.js';
import type { SampleLayout } from '../neural/sample-layout.js';

/**
 * What DeepAR reads, one row of a series after the other. The step of row r knows the values up to row r and gives the
 * distribution of row r + 1. Of a window with origin t there are the steps t − lookBack + lag … t + horizon − 1: training
 * has the true values of all of them, a forecast draws those after the origin.
 */
export interface SequenceShape {
  readonly lookBack: number;
  readonly horizon: number;
  /** Rows back from the row to be forecast to the older own value that a step reads, a season; 1 for none. */
  readonly lag: number;
  /** Features of the asset, known up to the origin. */
  readonly features: number;
  /** Covariates that are known in advance. */
  readonly known: number;
  /** Targets that share the network. */
  readonly assets: number;
  readonly normalisation: 'last-value' | 'mean-absolute';
  /** Mean scale of the train windows. No window has a smaller one than `SMALLEST_SHARE` of it. */
  readonly meanScale: number;
}

/** Windows may be constant. */
const SMALLEST_SHARE = 0.01;

/** Steps before the one at the origin: those whose next value is known, too. */
export const encodedSteps = ({ lookBack, lag }: SequenceShape): number => lookBack - lag;

/** Steps of a sample. */
export const trainedSteps = (shape: SequenceShape): number => encodedSteps(shape) + shape.horizon;

/** Own values that a step reads: the newest, and the one a season before the row to be forecast. */
export const ownValues = ({ lag }: SequenceShape): number => (lag > 1 ? 2 : 1);

/** The window's scale; features as of the origin at the latest, with a mark that they are; known covariates; the asset. */
export const covariateValues = ({ features, known, assets }: SequenceShape): number =>
  1 + (features > 0 ? features + 1 : 0) + known + (assets > 1 ? assets : 0);

/** Level and size of one window, from its look-back alone: what the network sees are (value − location) / scale. */
export interface WindowScale {
  readonly location: number;
  readonly scale: number;
}

/** The series of one target in target units, and what it is read with. */
export interface SequenceColumns {
  readonly asset: number;
  readonly own: Float64Array;
  readonly features: readonly Float64Array[];
  readonly known: readonly Float64Array[];
}

export function sequenceColumns(
  inputs: InputMatrix,
  layout: SampleLayout,
  asset: number,
  own: Float64Array,
  known: readonly Float64Array[],
): SequenceColumns {
  const [, ...features] = layout.parts[asset]!.columns;
  return { asset, own, features: features.map((column) => inputs.columns[column]!), known };
}

/**
 * `last-value`: the window's mean, and its mean absolute deviation from it. `mean-absolute`: 0, and its mean absolute
 * value, as in the paper.
 */
export function windowScale(shape: Omit<SequenceShape, 'known'>, own: Float64Array, origin: number): WindowScale {
  const { lookBack, normalisation, meanScale } = shape;
  const first = origin - lookBack + 1;
  let sum = 0;
  if (normalisation === 'last-value') for (let row = first; row <= origin; row++) sum += own[row]!;
  const location = sum / lookBack;
  let size = 0;
  for (let row = first; row <= origin; row++) size += Math.abs(own[row]! - location);
  return { location, scale: Math.max(SMALLEST_SHARE * meanScale, size / lookBack) };
}

/** Writes the covariates of the step at `row`; gives the place after them. */
export function writeCovariates(
  shape: SequenceShape,
  { asset, features, known }: SequenceColumns,
  { scale }: WindowScale,
  origin: number,
  row: number,
  into: Float32Array,
  at: number,
): number {
  into[at++] = Math.log(scale / shape.meanScale);
  if (features.length > 0) {
    const last = Math.min(row, origin);
    for (const feature of features) into[at++] = feature[last]!;
    into[at++] = row > origin ? 1 : 0;
  }
  for (const covariate of known) into[at++] = covariate[row + 1]!;
  if (shape.assets > 1) {
    for (let n = 0; n < shape.assets; n++) into[at++] = n === asset ? 1 : 0;
  }
  return at;
}

/** Writes all that the step at `row` reads; gives the place after it. */
export function writeStep(
  shape: SequenceShape,
  columns: SequenceColumns,
  window: WindowScale,
  origin: number,
  row: number,
  into: Float32Array,
  at: number,
): number {
  const { own } = columns;
  const { location, scale } = window;
  into[at++] = (own[row]! - location) / scale;
  if (shape.lag > 1) into[at++] = (own[row + 1 - shape.lag]! - location) / scale;
  return writeCovariates(shape, columns, window, origin, row, into, at);
}

export function sequenceFacts({ lag, normalisation, meanScale }: SequenceShape): ModelState['facts'] {
  return { lag, normalisation, meanScale };
}

export function readSequence(state: ModelState, layout: SampleLayout): SequenceShape {
  return {
    lookBack: state.lookBack,
    horizon: state.horizon,
    lag: numberFact(state, 'lag'),
    features: layout.parts[0]!.columns.length - 1,
    known: layout.known,
    assets: layout.parts.length,
    normalisation: state.facts['normalisation'] === 'mean-absolute' ? 'mean-absolute' : 'last-value',
    meanScale: numberFact(state, 'meanScale'),
  };
}
