import type { NetworkLayer, NetworkWeights } from '../../engine/network.js';
import { outputsPerTarget, type LossSpecification } from '../../engine/training-setup.js';
import type { WindowedData } from '../../windows/windowed-data.js';
import { isSeriesColumn, type PreparedLayout } from './sample-layout.js';

/** The layers around a core, and the weights of those that are not trained. */
export interface Frame {
  readonly before: readonly NetworkLayer[];
  /** Name of what the core reads, [lookBack, columns]. */
  readonly window: string;
  /** Those after the layer of this name, which is the core's last. */
  after(core: string): readonly NetworkLayer[];
  readonly fixed: NetworkWeights;
}

/**
 * A last-value normalisation that is part of the graph, so that the stored and exported network maps the scaled window
 * to the scaled forecast with nothing to add:
 *
 *   each series column loses its value at the origin and is divided by the root mean square of what remains;
 *   forecast = own last value + core's output · root mean square of the target's changes
 *
 * A core that gives 0 is the naive forecast, and the level of the series, which drifts away from the train part, never
 * enters. Both scales come from the train windows. Feature columns pass unchanged. Quantiles and locations are forecasts
 * as above. Logits of directions pass unchanged; a core that gives 0 has the root mean square of the changes for its deviation.
 */
export function lastValueFrame(data: WindowedData, prepared: PreparedLayout, loss: LossSpecification): Frame {
  const { lookBack, horizon } = data;
  const { layout, own } = prepared;
  const columns = layout.parts[0]!.columns.length;
  const width = columns + layout.known;
  const { targets } = layout;
  const isSeries = Array.from(
    { length: width },
    (_, position) => position < columns && isSeriesColumn(data, layout, position),
  );
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
  const before: NetworkLayer[] = [
    { type: 'Cropping1D', name: 'last_step', config: { cropping: [lookBack - 1, 0] }, from: ['window'] },
    { type: 'Flatten', name: 'last_row', config: {} },
    { type: 'Rescaling', name: 'anchor', config: { scale: isSeries.map((series) => (series ? 1 : 0)), offset: 0 } },
    { type: 'RepeatVector', name: 'anchors', config: { n: lookBack } },
    { type: 'Subtract', name: 'changes', config: {}, from: ['window', 'anchors'] },
    { type: 'Rescaling', name: 'scaled_changes', config: { scale: inputScales.map(Math.fround), offset: 0 } },
  ];
  // A direction is one of the change already.
  if (data.directions) return { before, window: 'scaled_changes', after: () => [], fixed: {} };
  const outputs = outputValues(data, prepared, loss);
  const each = outputs[0]!.length;
  const kernel = new Float32Array(width * targets * each);
  const bias = new Float32Array(targets * each);
  outputs.forEach((values, k) => {
    values.forEach(({ hasLevel }, n) => {
      if (!hasLevel) return;
      kernel[own.columns[k]! * targets * each + k * each + n] = own.slopes[k]!;
      bias[k * each + n] = own.intercepts[k]!;
    });
  });
  const scale = outputs.flat().map((value) => Math.fround(value.scale));
  const offset = outputs.flat().map((value) => Math.fround(value.offset));
  return {
    before,
    window: 'scaled_changes',
    after: (core) => [
      {
        type: 'Rescaling',
        name: 'forecast_changes',
        config: { scale, offset: offset.every((value) => value === 0) ? 0 : offset },
        from: [core],
      },
      { type: 'Dense', name: 'level', config: { units: targets * each, trainable: false }, from: ['last_row'] },
      { type: 'RepeatVector', name: 'levels', config: { n: horizon } },
      { type: 'Add', name: 'forecast', config: {}, from: ['levels', 'forecast_changes'] },
    ],
    fixed: {
      level: {
        kernel: { shape: [width, targets * each], data: kernel },
        bias: { shape: [targets * each], data: bias },
      },
    },
  };
}

/** Root mean square of the changes of each target of a sample. */
function outputScales(data: WindowedData, { layout, own }: PreparedLayout): number[] {
  const changes = data.targets.columns.map((values, k): Change => {
    const input = data.inputs.columns[data.targets.inputs[k]!]!;
    const [slope, intercept] =
      layout.channels === 'joint'
        ? [own.slopes[k]!, own.intercepts[k]!]
        : [layout.parts[k]!.slope, layout.parts[k]!.intercept];
    return { values, anchor: input.map((value) => slope * value + intercept) };
  });
  return layout.channels === 'joint'
    ? changes.map((one) => rootMeanSquareChange([one], data, 1, data.horizon))
    : [rootMeanSquareChange(changes, data, 1, data.horizon)];
}

/** By target of a sample, the values that the loss takes for it. */
export function outputValues(data: WindowedData, prepared: PreparedLayout, loss: LossSpecification): OutputValue[][] {
  return outputScales(data, prepared).map((scale) => valuesOfTarget(loss, scale));
}

interface OutputValue {
  readonly scale: number;
  readonly offset: number;
  /** Whether the last value is added. */
  readonly hasLevel: boolean;
}

/** How each value that the loss takes for a target comes from the core's. */
function valuesOfTarget(loss: LossSpecification, scale: number): OutputValue[] {
  const location = { scale, offset: 0, hasLevel: true };
  // What softplus turns into the scale itself.
  const deviation = { scale: 1, offset: scale > 30 ? scale : Math.log(Math.expm1(scale)), hasLevel: false };
  switch (loss.name) {
    case 'gaussian':
      return [location, deviation];
    case 'student-t':
      return [location, deviation, { scale: 1, offset: 0, hasLevel: false }];
    default:
      return new Array<OutputValue>(outputsPerTarget(loss)).fill(location);
  }
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
