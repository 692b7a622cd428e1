import { TrainyardError } from '../../../common/errors/index.js';
import type { InputMatrix, WindowedData } from '../../windows/windowed-data.js';
import type { ModelState } from '../algorithm.js';
import { originFeatures } from '../linear/origin-features.js';
import { numberFact, numbersFact, ownSeriesOf, type OwnSeries } from '../own-series.js';

/**
 * What a network takes as one sample.
 *
 * `joint`: a window of all input columns, from which all targets are forecast: the network sees how assets move together.
 * `shared`: the window of one asset, its own series and features, from which that asset is forecast; one network serves
 * all assets, and each window gives as many samples as there are targets. Also called a global model.
 */
export interface SampleLayout {
  readonly channels: 'joint' | 'shared';
  /** One part in a joint layout; one for each target in a shared one, columns of the same meaning in the same order. */
  readonly parts: readonly SamplePart[];
  /** Targets of one sample. */
  readonly targets: number;
  /**
   * Known-future covariates: all of them, for every part. Their columns follow those of the part in the window, and their
   * values in the forecast rows are an input of their own.
   */
  readonly known: number;
}

export interface SamplePart {
  /** Positions among the input columns. */
  readonly columns: readonly number[];
  /** Puts the first column, the own series of a shared part, into target units; 1 and 0 in a joint layout. */
  readonly slope: number;
  readonly intercept: number;
}

/** A layout, and how each target of a sample reads its own last value from the sample's columns. */
export interface PreparedLayout {
  readonly layout: SampleLayout;
  readonly own: OwnSeries;
}

export function prepareLayout(data: WindowedData, channels: SampleLayout['channels']): PreparedLayout {
  const own = ownSeriesOf(data);
  const known = data.future?.columns.length ?? 0;
  if (channels === 'joint') {
    const columns = data.inputs.columns.map((_, c) => c);
    return {
      layout: { channels, parts: [{ columns, slope: 1, intercept: 0 }], targets: data.targets.columns.length, known },
      own,
    };
  }
  const { features } = originFeatures(data);
  const parts = own.columns.map((column, k): SamplePart => ({
    columns: [column, ...features.map((feature) => feature.columns[k]!)],
    slope: own.slopes[k]!,
    intercept: own.intercepts[k]!,
  }));
  return { layout: { channels, parts, targets: 1, known }, own: { columns: [0], slopes: [1], intercepts: [0] } };
}

/** Whether a column of the sample is a series, not a feature of one. */
export function isSeriesColumn(data: WindowedData, layout: SampleLayout, position: number): boolean {
  const column = layout.parts[0]!.columns[position]!;
  return data.targets.inputs.includes(column) || data.inputs.assets?.[column] === data.inputs.names[column];
}

/** As facts of a model state; a joint layout follows from the state's inputs. */
export function layoutFacts({ channels, parts, known }: SampleLayout): ModelState['facts'] {
  const covariates: ModelState['facts'] = known > 0 ? { knownFuture: known } : {};
  if (channels === 'joint') return covariates;
  return {
    ...covariates,
    channels,
    sharedColumns: parts.flatMap(({ columns }) => columns),
    sharedSlopes: parts.map(({ slope }) => slope),
    sharedIntercepts: parts.map(({ intercept }) => intercept),
  };
}

export function readLayout(state: ModelState): SampleLayout {
  const targets = state.targets.length;
  const known = 'knownFuture' in state.facts ? numberFact(state, 'knownFuture') : 0;
  if (state.facts['channels'] !== 'shared') {
    const columns = state.inputs.map((_, c) => c);
    return { channels: 'joint', parts: [{ columns, slope: 1, intercept: 0 }], targets, known };
  }
  const columns = numbersFact(state, 'sharedColumns');
  const slopes = numbersFact(state, 'sharedSlopes');
  const intercepts = numbersFact(state, 'sharedIntercepts');
  const width = columns.length / targets;
  const parts = slopes.map((slope, k): SamplePart => ({
    columns: columns.slice(k * width, (k + 1) * width),
    slope,
    intercept: intercepts[k]!,
  }));
  return { channels: 'shared', parts, targets: 1, known };
}

/**
 * Rows `from` … `to` − 1 of the columns of one part and of `future`, row-major float32: a window is one contiguous piece
 * of it. NaN where the columns have it.
 */
export function inputTable(
  inputs: InputMatrix,
  part: SamplePart,
  from: number,
  to: number,
  future: readonly Float64Array[] = [],
): Float32Array {
  const own = part.columns.map((c) => {
    const column = inputs.columns[c];
    if (!column)
      throw new TrainyardError('WINDOW_INVALID', `There is no input column ${c + 1} of ${inputs.names.length}.`);
    return column;
  });
  const columns = [...own, ...future];
  const width = columns.length;
  const table = new Float32Array((to - from) * width);
  columns.forEach((column, position) => {
    const isOwn = position === 0 && (part.slope !== 1 || part.intercept !== 0);
    for (let row = from, at = position; row < to; row++, at += width) {
      table[at] = isOwn ? part.slope * column[row]! + part.intercept : column[row]!;
    }
  });
  return table;
}

/** Rows `from` … `to` − 1 of columns, row-major float32. */
export function columnTable(columns: readonly Float64Array[], from: number, to: number): Float32Array {
  const width = columns.length;
  const table = new Float32Array((to - from) * width);
  columns.forEach((column, position) => {
    for (let row = from, at = position; row < to; row++, at += width) table[at] = column[row]!;
  });
  return table;
}
