import { TrainyardError } from '../../common/errors/index.js';
import type { InputMatrix, WindowedData } from '../windows/windowed-data.js';
import type { ModelState } from './algorithm.js';

/**
 * How each target's own series reads in target units. The series is among the inputs, but scaled as an input; a
 * forecast is scaled as a target. Element-wise affine scalers relate the two by target = slope · input + intercept.
 * Plain JSON, one number per target: goes into `ModelState.facts`.
 */
export interface OwnSeries {
  /** Position of the target's series among the input columns. */
  readonly columns: readonly number[];
  readonly slopes: readonly number[];
  readonly intercepts: readonly number[];
}

const TOLERANCE = 1e-9;

/**
 * Derives the relation from the rows up to the last training window, from nothing later. Columns that are equal bit for
 * bit get slope 1 and intercept 0 exactly. `PARAMETER_INVALID` when the two scalings are not related by a straight line
 * (one a logarithm, say), since a last value could then not be carried over.
 */
export function relateOwnSeries(data: WindowedData): OwnSeries {
  const lastOrigin = data.origins.train.at(-1);
  const rows = lastOrigin === undefined ? 0 : lastOrigin + data.horizon + 1;
  const slopes: number[] = [];
  const intercepts: number[] = [];
  data.targets.columns.forEach((target, k) => {
    const input = data.inputs.columns[data.targets.inputs[k] ?? -1];
    if (!input) throw new Error(`target ${data.targets.names[k]} has no column among the inputs`);
    const line = straightLine(input, target, rows);
    if (!line) {
      throw new TrainyardError(
        'PARAMETER_INVALID',
        `The input scaling and the target scaling of ${data.targets.names[k]} are not related by a straight line, so ` +
          'its last value cannot be carried over into a forecast; use the same transforms for scaling.inputs and ' +
          'scaling.targets.',
        { path: 'scaling.targets', target: data.targets.names[k] },
      );
    }
    slopes.push(line.slope);
    intercepts.push(line.intercept);
  });
  return { columns: [...data.targets.inputs], slopes, intercepts };
}

/**
 * What a model reads of each target's own series: under the task forecast in target units, see `relateOwnSeries`; under
 * the task direction as it is among the inputs, since nothing is carried over into a forecast.
 */
export function ownSeriesOf(data: WindowedData): OwnSeries {
  if (data.directions === undefined) return relateOwnSeries(data);
  const columns = [...data.targets.inputs];
  return { columns, slopes: columns.map(() => 1), intercepts: columns.map(() => 0) };
}

/** The line through the points with the smallest and the greatest x, if every point lies on it; else null. */
export function straightLine(
  x: Float64Array,
  y: Float64Array,
  rows: number,
): { slope: number; intercept: number } | null {
  let identical = true;
  let low = -1;
  let high = -1;
  for (let row = 0; row < rows; row++) {
    const value = x[row]!;
    if (Number.isNaN(value) || Number.isNaN(y[row]!)) continue;
    if (value !== y[row]) identical = false;
    if (low < 0 || value < x[low]!) low = row;
    if (high < 0 || value > x[high]!) high = row;
  }
  if (identical) return { slope: 1, intercept: 0 };
  const span = x[high]! - x[low]!;
  const slope = span === 0 ? 1 : (y[high]! - y[low]!) / span;
  const intercept = y[low]! - slope * x[low]!;
  for (let row = 0; row < rows; row++) {
    const difference = Math.abs(slope * x[row]! + intercept - y[row]!);
    if (difference > TOLERANCE * (1 + Math.abs(y[row]!))) return null;
  }
  return { slope, intercept };
}

/** The own series of target k at `row`, in target units. */
export function ownValue(inputs: InputMatrix, own: OwnSeries, k: number, row: number): number {
  return own.slopes[k]! * inputs.columns[own.columns[k]!]![row]! + own.intercepts[k]!;
}

/** `OwnSeries` as facts of a model state, and back. */
export function ownSeriesFacts(own: OwnSeries): Record<'ownColumns' | 'ownSlopes' | 'ownIntercepts', number[]> {
  return { ownColumns: [...own.columns], ownSlopes: [...own.slopes], ownIntercepts: [...own.intercepts] };
}

export function readOwnSeries(state: ModelState): OwnSeries {
  return {
    columns: numbersFact(state, 'ownColumns'),
    slopes: numbersFact(state, 'ownSlopes'),
    intercepts: numbersFact(state, 'ownIntercepts'),
  };
}

export function numbersFact(state: ModelState, name: string): readonly number[] {
  const value = state.facts[name];
  if (typeof value !== 'object') throw new Error(`a ${state.algorithm} state has a list of numbers named ${name}`);
  return value;
}

export function numberFact(state: ModelState, name: string): number {
  const value = state.facts[name];
  if (typeof value !== 'number') throw new Error(`a ${state.algorithm} state has a number named ${name}`);
  return value;
}
