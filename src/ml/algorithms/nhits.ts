import type { NetworkLayer, NetworkWeights } from '../engine/network.js';
import { TrainyardError } from '../../common/errors/index.js';
import type { ParameterSpace, ValuesOf } from '../parameters.js';
import { networkAlgorithm } from './neural/network-algorithm.js';
import { dropoutLayers, type CoreShape, type NetworkCore } from './neural/network-core.js';
import { NETWORK_PARAMETERS, withDefaults } from './neural/network-parameters.js';

const hyperparameters = {
  pooling: {
    kind: 'integers',
    default: [2, 2, 1],
    minimum: 1,
    maximum: 256,
    minimumLength: 1,
    maximumLength: 8,
    description: 'Rows that each stack averages before it reads the window: a large one sees the slow part only.',
  },
  downsampling: {
    kind: 'integers',
    default: [4, 2, 1],
    minimum: 1,
    maximum: 256,
    minimumLength: 1,
    maximumLength: 8,
    description: 'Steps for which each stack gives one value, the others being interpolated; as many as in pooling.',
  },
  units: {
    kind: 'integer',
    default: 128,
    minimum: 1,
    maximum: 1024,
    scale: 'log',
    description: 'Units of each hidden layer of a stack.',
  },
  layers: {
    kind: 'integer',
    default: 2,
    minimum: 1,
    maximum: 6,
    description: 'Hidden layers of each stack.',
  },
  dropout: {
    kind: 'number',
    default: 0,
    minimum: 0,
    maximum: 0.9,
    description: 'Share of the values after each hidden layer that training drops.',
  },
  ...withDefaults(NETWORK_PARAMETERS, { channels: 'shared' }),
} as const satisfies ParameterSpace;

type NhitsParameters = ValuesOf<typeof hyperparameters>;

/**
 * Stacks that take turns: each reads what the ones before left of the window, at its own resolution, forecasts a part,
 * and takes from the window what it has explained. The forecasts are added.
 *
 *   pooled = average of `pooling` rows;  θ = layers(pooled)
 *   rest ← rest − interpolate(θ_backcast);  forecast ← forecast + interpolate(θ_forecast)
 *
 * One block a stack, linear interpolation, and published pooling, downsampling and layers; 128 units instead of 512, for
 * a CPU. Pooling is the average instead of the maximum, so that it is a fixed matrix like the interpolation, and equal
 * for rises and falls. With pooling and downsampling of 1 it is the generic N-BEATS. The last stack has no backcast,
 * which nothing would read.
 * Sources: Challu et al., N-HiTS, AAAI 2023; Oreshkin et al., N-BEATS, ICLR 2020.
 */
export const nhits = networkAlgorithm({
  name: 'nhits',
  title: 'N-HiTS',
  description:
    'Stacks of dense layers from slow to fast parts of the window, each forecasting what those before left: made for ' +
    'long horizons.',
  hyperparameters,
  core: nhitsCore,
});

function nhitsCore(parameters: NhitsParameters, shape: CoreShape): NetworkCore {
  const { pooling, downsampling, units, layers: depth, dropout } = parameters;
  if (pooling.length !== downsampling.length) {
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `pooling has ${pooling.length} stacks and downsampling ${downsampling.length}; give one number for each stack in both.`,
      { path: 'algorithm.hyperparameters.downsampling', value: downsampling, limit: pooling.length },
    );
  }
  const { lookBack, width, horizon, outputs } = shape;
  const fixed: Record<string, NetworkWeights[string]> = {};
  /** A matrix over the last axis that is not trained. */
  const fixedDense = (name: string, from: number, to: number, matrix: Float32Array): NetworkLayer => {
    fixed[name] = { kernel: { shape: [from, to], data: matrix } };
    return { type: 'Dense', name, config: { units: to, use_bias: false, trainable: false } };
  };
  const layers: NetworkLayer[] = [{ type: 'Permute', name: 'series', config: { dims: [2, 1] } }];
  let rest = 'series';
  let forecast: string | null = null;
  pooling.forEach((rows, at) => {
    const n = at + 1;
    const pooled = Math.ceil(lookBack / rows);
    if (rows > 1) {
      layers.push({ ...fixedDense(`pool_${n}`, lookBack, pooled, averagePooling(lookBack, rows)), from: [rest] });
    }
    layers.push({ type: 'Flatten', name: `read_${n}`, config: {}, from: [rows > 1 ? `pool_${n}` : rest] });
    for (let layer = 1; layer <= depth; layer++) {
      layers.push(
        { type: 'Dense', name: `hidden_${n}_${layer}`, config: { units, activation: 'relu' } },
        ...dropoutLayers(`dropout_${n}_${layer}`, dropout),
      );
    }
    const hidden = layers[layers.length - 1]!.name;
    /** θ of one value in `stride` rows for each series, interpolated to all of them. */
    const expand = (name: string, series: number, length: number, stride: number): string => {
      const knots = Math.ceil(length / stride);
      layers.push(
        { type: 'Dense', name: `${name}_knots_${n}`, config: { units: series * knots }, from: [hidden] },
        { type: 'Reshape', name: `${name}_rows_${n}`, config: { target_shape: [series, knots] } },
      );
      if (knots === length) return `${name}_rows_${n}`;
      layers.push(fixedDense(`${name}_${n}`, knots, length, interpolation(knots, length)));
      return `${name}_${n}`;
    };
    const part = expand('forecast', outputs, horizon, downsampling[at]!);
    if (forecast !== null) layers.push({ type: 'Add', name: `sum_${n}`, config: {}, from: [forecast, part] });
    forecast = forecast === null ? part : `sum_${n}`;
    if (n === pooling.length) return;
    const explained = expand('backcast', width, lookBack, downsampling[at]!);
    layers.push({ type: 'Subtract', name: `rest_${n}`, config: {}, from: [rest, explained] });
    rest = `rest_${n}`;
  });
  layers.push({ type: 'Permute', name: 'steps', config: { dims: [2, 1] }, from: [forecast!] });
  return { layers, fixed };
}

/** [rows, ⌈rows / size⌉]: averages of `size` rows, counted from the last one; the first may have fewer. */
export function averagePooling(rows: number, size: number): Float32Array {
  const pooled = Math.ceil(rows / size);
  const matrix = new Float32Array(rows * pooled);
  for (let p = 0; p < pooled; p++) {
    const end = rows - (pooled - 1 - p) * size;
    const start = Math.max(0, end - size);
    for (let row = start; row < end; row++) matrix[row * pooled + p] = 1 / (end - start);
  }
  return matrix;
}

/** [knots, rows]: linear interpolation, knots spread evenly from the first row to the last; one knot is a constant. */
export function interpolation(knots: number, rows: number): Float32Array {
  const matrix = new Float32Array(knots * rows);
  for (let row = 0; row < rows; row++) {
    const place = rows === 1 ? 0 : (row * (knots - 1)) / (rows - 1);
    const low = Math.min(knots - 1, Math.floor(place));
    matrix[low * rows + row]! += 1 - (place - low);
    if (place > low) matrix[(low + 1) * rows + row]! += place - low;
  }
  return matrix;
}
