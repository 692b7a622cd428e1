import type { NetworkArchitecture, NetworkLayer, NetworkWeights } from '../../engine/network.js';
import type { WindowedData } from '../../windows/windowed-data.js';
import { isSeriesColumn, type PreparedLayout } from './sample-layout.js';

/** A network with the weights of its layers that are not trained. */
export interface PreparedNetwork {
  readonly architecture: NetworkArchitecture;
  readonly fixed: NetworkWeights;
}

/**
 * Wraps `core`, layers from [lookBack, inputs] to [horizon, targets], in a last-value normalisation that is part of the
 * graph, so that the stored and exported network maps the scaled window to the scaled forecast with nothing to add:
 *
 *   each series column loses its value at the origin and is divided by the root mean square of what remains;
 *   forecast = own last value + core's output · root mean square of the target's changes
 *
 * A core that gives 0 is the naive forecast, and the level of the series, which drifts away from the train part, never
 * enters. Both scales come from the train windows. Feature columns pass unchanged.
 */
export function lastValueNetwork(
  name: string,
  data: WindowedData,
  prepared: PreparedLayout,
  core: readonly NetworkLayer[],
): PreparedNetwork {
  const { lookBack, horizon } = data;
  const { layout, own } = prepared;
  const width = layout.parts[0]!.columns.length;
  const { targets } = layout;
  const isSeries = layout.parts[0]!.columns.map((_, position) => isSeriesColumn(data, layout, position));
  const inputScales = isSeries.map((series, position) =>
    series
      ? 1 /
        rootMeanSquareChange(
          layout.parts.map((part) => {
            const column = data.inputs.columns[part.columns[position]!]!;
            const values = position === 0 ? column.map((value) => part.slope * value + part.intercept) : column;
            return { values, anchor: values };
          }),
          data,
          -lookBack + 1,
          -1,
        )
      : 1,
  );
  const change = (k: number): Change => {
    const input = data.inputs.columns[data.targets.inputs[k]!]!;
    const [slope, intercept] =
      layout.channels === 'joint'
        ? [own.slopes[k]!, own.intercepts[k]!]
        : [layout.parts[k]!.slope, layout.parts[k]!.intercept];
    return { values: data.targets.columns[k]!, anchor: input.map((value) => slope * value + intercept) };
  };
  const all = data.targets.columns.map((_, k) => change(k));
  const outputScales =
    layout.channels === 'joint'
      ? all.map((one) => rootMeanSquareChange([one], data, 1, horizon))
      : [rootMeanSquareChange(all, data, 1, horizon)];
  const level = new Float32Array(width * targets);
  own.columns.forEach((column, k) => {
    level[column * targets + k] = own.slopes[k]!;
  });
  const layers: NetworkLayer[] = [
    { type: 'Cropping1D', name: 'last_step', config: { cropping: [lookBack - 1, 0] }, from: ['window'] },
    { type: 'Flatten', name: 'last_row', config: {} },
    { type: 'Rescaling', name: 'anchor', config: { scale: isSeries.map((series) => (series ? 1 : 0)), offset: 0 } },
    { type: 'RepeatVector', name: 'anchors', config: { n: lookBack } },
    { type: 'Subtract', name: 'changes', config: {}, from: ['window', 'anchors'] },
    { type: 'Rescaling', name: 'scaled_changes', config: { scale: inputScales.map(Math.fround), offset: 0 } },
    ...core,
    { type: 'Rescaling', name: 'forecast_changes', config: { scale: outputScales.map(Math.fround), offset: 0 } },
    { type: 'Dense', name: 'level', config: { units: targets, trainable: false }, from: ['last_row'] },
    { type: 'RepeatVector', name: 'levels', config: { n: horizon } },
    { type: 'Add', name: 'forecast', config: {}, from: ['levels', 'forecast_changes'] },
  ];
  return {
    architecture: { name, inputs: [{ name: 'window', shape: [lookBack, width] }], layers, outputs: ['forecast'] },
    fixed: {
      level: {
        kernel: { shape: [width, targets], data: level },
        bias: { shape: [targets], data: Float32Array.from(own.intercepts) },
      },
    },
  };
}

interface Change {
  readonly values: Float64Array;
  readonly anchor: Float64Array;
}

/**
 * Root mean square of values[t + i] − anchor[t] over all changes, train origins t, weighted as they are, and
 * from ≤ i ≤ to; 1 where it is 0.
 */
function rootMeanSquareChange(changes: readonly Change[], data: WindowedData, from: number, to: number): number {
  let sum = 0;
  let windows = 0;
  for (const { values, anchor } of changes) {
    data.origins.train.forEach((origin, at) => {
      const weight = data.weights?.[at] ?? 1;
      windows += weight;
      for (let i = from; i <= to; i++) {
        const change = values[origin + i]! - anchor[origin]!;
        sum += weight * change * change;
      }
    });
  }
  const count = windows * (to - from + 1);
  return count > 0 && sum > 0 ? Math.sqrt(sum / count) : 1;
}
