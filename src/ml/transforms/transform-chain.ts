import { TrainyardError } from '../../common/errors/index.js';
import type { ParameterValues } from '../parameters.js';
import { resolveParameters } from '../resolve-parameters.js';
import type { FitFacts, Series, Transform, TransformState } from './transform.js';
import { getTransform } from './transforms.js';

/** One transform as a plan names it, its parameters resolved. */
export interface PlannedTransform {
  readonly transform: string;
  readonly parameters: ParameterValues;
}

/** One transform by name, with its defaults, or several that are applied in order. */
export type PlannedChain = string | readonly PlannedTransform[];

export interface FittedTransform {
  readonly transform: string;
  readonly state: TransformState;
}

/**
 * Fitted transforms in the order they are applied: the first one itself, then `further` ones. A chain of one is the
 * form in which models of the first version keep it.
 */
export interface FittedChain extends FittedTransform {
  readonly further?: readonly FittedTransform[];
}

function plannedTransforms(chain: PlannedChain): readonly PlannedTransform[] {
  if (typeof chain !== 'string') return chain;
  return [{ transform: chain, parameters: resolveParameters(getTransform(chain).parameters, {}, chain) }];
}

/**
 * Fits each transform on what the ones before it make of the train rows. Feature columns are only scaled: transforms
 * that apply to series are passed by, and where none is left the column stays as it is.
 */
export function fitChain(
  chain: PlannedChain,
  train: Series,
  facts: FitFacts,
  column: 'series' | 'feature' = 'series',
): FittedChain {
  const planned = plannedTransforms(chain).filter(
    ({ transform }) => column === 'series' || getTransform(transform).appliesTo === 'any',
  );
  if (planned.length === 0) return { transform: 'none', state: {} };
  const fitted: FittedTransform[] = [];
  let { values } = train;
  for (const { transform: name, parameters } of planned) {
    const transform = getTransform(name);
    const state =
      transform.kind === 'element-wise'
        ? transform.fit(values, parameters, facts)
        : transform.fit({ times: train.times, values }, parameters, facts);
    fitted.push({ transform: name, state });
    if (fitted.length < planned.length) values = apply(transform, { times: train.times, values }, state);
  }
  const [first, ...further] = fitted as [FittedTransform, ...FittedTransform[]];
  return further.length === 0 ? first : { ...first, further };
}

/** A whole column, from row 0 of its axis, through the chain. Row t depends on rows ≤ t and on the fit alone. */
export function applyChain(chain: FittedChain, series: Series): Float64Array {
  return stages(chain, series).at(-1)!;
}

/** True when a row of the chain depends on more than its own value. */
export function isPositional(chain: FittedChain): boolean {
  return links(chain).some(({ transform }) => getTransform(transform).kind === 'positional');
}

/** Rows up to an origin that the inverse of a chain reads, whatever the window of the model. */
export function contextRows(chain: FittedChain): number {
  return links(chain).reduce((rows, { transform: name, state }) => {
    const transform = getTransform(name);
    return rows + (transform.kind === 'positional' ? transform.contextRows(state) : 0);
  }, 0);
}

/**
 * Forecasts [origins, n] of one target, row-major, back into original units, n rows after each origin. `series` is the
 * target in original units; of its values only those up to the origin are read, and of its times n more.
 */
export type ForecastInverse = (forecasts: Float64Array, origins: Int32Array) => Float64Array;

/**
 * The one way from a model's numbers to those of the data. Element-wise transforms need no context; for the others the
 * chain is laid over the history once, so that each has the values that it was applied to.
 * WINDOW_INVALID when the history up to an origin lacks a value that the inverse starts from.
 */
export function openInverse(chain: FittedChain, series: Series, column: string): ForecastInverse {
  const fitted = links(chain);
  const before = isPositional(chain) ? [series.values, ...stages(chain, series)] : [];
  return (forecasts, origins) => {
    const rows = origins.length === 0 ? 0 : forecasts.length / origins.length;
    let values = forecasts;
    for (let at = fitted.length - 1; at >= 0; at--) {
      const { transform: name, state } = fitted[at]!;
      const transform = getTransform(name);
      if (transform.kind === 'element-wise') {
        values = transform.inverse(values, state);
        continue;
      }
      const past: Series = { times: series.times, values: before[at]! };
      const restored = new Float64Array(values.length);
      origins.forEach((origin, window) => {
        assertContext(past.values, origin, transform.contextRows(state), rows, column, name);
        const future = values.subarray(window * rows, (window + 1) * rows);
        restored.set(transform.inverseAfter(future, past, origin, state), window * rows);
      });
      values = restored;
    }
    return values;
  };
}

/** Of the rows origin − contextRows + 1 … origin those that n forecast rows start from. */
function assertContext(
  values: Float64Array,
  origin: number,
  contextRows: number,
  rows: number,
  column: string,
  transform: string,
): void {
  const first = origin - contextRows + 1;
  for (let row = first; row <= Math.min(origin, first + rows - 1); row++) {
    if (row >= 0 && !Number.isNaN(values[row]!)) continue;
    throw new TrainyardError(
      'WINDOW_INVALID',
      `${column} lacks a value ${origin - row} rows before the end of the window, and ${transform} restores a forecast from the last ${contextRows} rows: give a longer or a complete window`,
      { column, transform, contextRows, rowsBefore: origin - row },
    );
  }
}

function links({ transform, state, further = [] }: FittedChain): readonly FittedTransform[] {
  return [{ transform, state }, ...further];
}

function stages(chain: FittedChain, series: Series): Float64Array[] {
  let { values } = series;
  return links(chain).map(({ transform, state }) => {
    values = apply(getTransform(transform), { times: series.times, values }, state);
    return values;
  });
}

function apply(transform: Transform, series: Series, state: TransformState): Float64Array {
  return transform.kind === 'element-wise'
    ? transform.transform(series.values, state)
    : transform.transform(series, state);
}
