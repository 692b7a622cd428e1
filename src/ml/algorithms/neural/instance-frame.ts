import type { NetworkLayer } from '../../engine/network.js';
import type { LossSpecification } from '../../engine/training-setup.js';
import type { WindowedData } from '../../windows/windowed-data.js';
import { outputValues, type Frame } from './last-value-frame.js';
import { isSeriesColumn, type PreparedLayout } from './sample-layout.js';

/** Added to the variance of a window, in scaled units squared. */
const EPSILON = 1e-5;

/**
 * Reversible instance normalisation without learned parameters, as part of the graph: each series column of a window
 * loses the window's mean m and is divided by its deviation s,
 *
 *   x′ = (x − m) / √(variance + ε),   forecast = m + s·core,   s = variance / √(variance + ε) = mean of (x − m)·x′
 *
 * so that a window is read alike at any level and any volatility; s of a constant window is 0 and its forecast that
 * constant. Feature columns pass unchanged. What a distribution has beside its location is the core's own; directions
 * pass unchanged.
 * Source: Kim et al., Reversible Instance Normalization, ICLR 2022.
 */
export function instanceFrame(data: WindowedData, prepared: PreparedLayout, loss: LossSpecification): Frame {
  const { lookBack, horizon } = data;
  const { layout, own } = prepared;
  const { targets } = layout;
  const columns = layout.parts[0]!.columns.length;
  const width = columns + layout.known;
  const isSeries = Array.from(
    { length: width },
    (_, position) => position < columns && isSeriesColumn(data, layout, position),
  );
  const only = (kept: boolean): NetworkLayer['config'] => ({
    scale: isSeries.map((series) => (series === kept ? 1 : 0)),
    offset: 0,
  });
  const hasFeatures = isSeries.includes(false);
  const before: NetworkLayer[] = [
    { type: 'Permute', name: 'by_column', config: { dims: [2, 1] }, from: ['window'] },
    { type: 'LayerNormalization', name: 'instance', config: { epsilon: EPSILON, trainable: false } },
    { type: 'Permute', name: 'normalised', config: { dims: [2, 1] } },
    ...(hasFeatures
      ? [
          { type: 'Rescaling', name: 'series', config: only(true), from: ['normalised'] },
          { type: 'Rescaling', name: 'features', config: only(false), from: ['window'] },
          { type: 'Add', name: 'columns', config: {}, from: ['series', 'features'] },
        ]
      : []),
  ];
  const window = before[before.length - 1]!.name;
  const instance = {
    gamma: { shape: [lookBack], data: new Float32Array(lookBack).fill(1) },
    beta: { shape: [lookBack], data: new Float32Array(lookBack) },
  };
  if (data.directions) return { before, window, after: () => [], fixed: { instance } };
  const moments: NetworkLayer[] = [
    { type: 'GlobalAveragePooling1D', name: 'mean', config: {}, from: ['window'] },
    { type: 'RepeatVector', name: 'means', config: { n: lookBack } },
    { type: 'Subtract', name: 'centred', config: {}, from: ['window', 'means'] },
    { type: 'Multiply', name: 'squares', config: {}, from: ['centred', 'normalised'] },
    { type: 'GlobalAveragePooling1D', name: 'deviation', config: {} },
  ];
  const outputs = outputValues(data, prepared, loss);
  const each = outputs[0]!.length;
  const units = targets * each;
  const ofMean = { kernel: new Float32Array(width * units), bias: new Float32Array(units) };
  const ofDeviation = { kernel: new Float32Array(width * units), bias: new Float32Array(units) };
  const offset: number[] = [];
  outputs.forEach((values, k) => {
    values.forEach((value, n) => {
      const at = k * each + n;
      offset.push(Math.fround(value.offset));
      if (value.hasLevel) {
        const weight = own.columns[k]! * units + at;
        ofMean.kernel[weight] = own.slopes[k]!;
        ofMean.bias[at] = own.intercepts[k]!;
        ofDeviation.kernel[weight] = Math.abs(own.slopes[k]!);
      } else {
        ofDeviation.bias[at] = 1;
      }
    });
  });
  const hasOffset = offset.some((value) => value !== 0);
  const dense = ({ kernel, bias }: typeof ofMean): Frame['fixed'][string] => ({
    kernel: { shape: [width, units], data: kernel },
    bias: { shape: [units], data: bias },
  });
  return {
    before: [...moments.slice(0, 3), ...before, ...moments.slice(3)],
    window,
    after: (core) => [
      { type: 'Dense', name: 'scale', config: { units, trainable: false }, from: ['deviation'] },
      { type: 'RepeatVector', name: 'scales', config: { n: horizon } },
      { type: 'Multiply', name: 'forecast_deviations', config: {}, from: [core, 'scales'] },
      ...(hasOffset ? [{ type: 'Rescaling', name: 'offset_deviations', config: { scale: 1, offset } }] : []),
      { type: 'Dense', name: 'level', config: { units, trainable: false }, from: ['mean'] },
      { type: 'RepeatVector', name: 'levels', config: { n: horizon } },
      {
        type: 'Add',
        name: 'forecast',
        config: {},
        from: ['levels', hasOffset ? 'offset_deviations' : 'forecast_deviations'],
      },
    ],
    fixed: { instance, level: dense(ofMean), scale: dense(ofDeviation) },
  };
}
