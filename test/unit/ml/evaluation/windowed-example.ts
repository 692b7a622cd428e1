import type { Forecaster } from '#src/ml/algorithms/algorithm.js';
import type { FittedProcessing } from '#src/ml/processing/processing-plan.js';
import { applyChain, fitChain, isPositional, type PlannedChain } from '#src/ml/transforms/transform-chain.js';
import type { WindowedData } from '#src/ml/windows/windowed-data.js';

export const HOUR_MS = 3_600_000;
export const START = Date.UTC(2024, 0, 1);

export interface Example {
  readonly data: WindowedData;
  readonly fitted: FittedProcessing;
  readonly parts: Record<'train' | 'validation' | 'test', { start: number; end: number }>;
}

/**
 * Windowed data as the processing makes it, from series in original units: NaN is missing and masked. Parts by share:
 * 60 % train, then validation, then test.
 */
export function example(options: {
  series: Readonly<Record<string, readonly number[]>>;
  lookBack?: number;
  horizon?: number;
  seasonLength?: number;
  transform?: PlannedChain;
  validationShare?: number;
}): Example {
  const {
    series,
    lookBack = 3,
    horizon = 2,
    seasonLength = 4,
    transform = 'standard',
    validationShare = 0.2,
  } = options;
  const assets = Object.keys(series);
  const rows = series[assets[0]!]!.length;
  const trainEnd = Math.floor(rows * 0.6);
  const validationEnd = trainEnd + Math.floor(rows * validationShare);
  const parts = {
    train: { start: 0, end: trainEnd },
    validation: { start: trainEnd, end: validationEnd },
    test: { start: validationEnd, end: rows },
  };
  const times = Float64Array.from({ length: rows }, (_, row) => START + row * HOUR_MS);
  const original = assets.map((asset) => Float64Array.from(series[asset]!));
  const chains = assets.map((column, at) =>
    fitChain(
      transform,
      { times: times.subarray(0, trainEnd), values: original[at]!.subarray(0, trainEnd) },
      { seasonLength, column },
    ),
  );
  const columns = chains.map((chain, at) => applyChain(chain, { times, values: original[at]! }));
  const isComplete = (origin: number): boolean =>
    columns.every((column) => column.slice(origin - lookBack + 1, origin + 1).every((value) => !Number.isNaN(value)));
  const origins = (first: number, end: number): Int32Array =>
    Int32Array.from(
      Array.from({ length: Math.max(0, end - horizon - first) }, (_, at) => first + at).filter(isComplete),
    );
  const data: WindowedData = {
    times,
    lookBack,
    horizon,
    seasonLength,
    inputs: { names: assets, columns },
    targets: {
      names: assets,
      columns,
      original,
      isPositional: chains.some(isPositional),
      observed: original.map((column) => Uint8Array.from(column, (value) => (Number.isNaN(value) ? 0 : 1))),
      inputs: assets.map((_, at) => at),
    },
    origins: {
      train: origins(lookBack - 1, trainEnd),
      validation: origins(trainEnd - 1, validationEnd),
      test: origins(validationEnd - 1, rows),
    },
  };
  const fitted: FittedProcessing = {
    format: 1,
    plan: {
      format: 1,
      assets: assets.map((id) => ({ id, assetClass: null, column: 'value' })),
      targets: assets,
      axis: { join: 'union', start: null, end: null },
      gaps: { largeShare: 0.1, imputation: 'forward-fill', neighbours: 100 },
      features: [],
      split: { by: 'ratio', validation: validationShare, test: 0.4 - validationShare },
      windows: { lookBack, horizon, stride: 1 },
      scaling: { inputs: transform, targets: transform },
      seasonLength,
    },
    inputs: assets.map((asset, at) => ({ name: asset, asset, ...chains[at]! })),
    targets: assets.map((asset, at) => ({ asset, input: at, ...chains[at]! })),
    calendar: { unit: 'milliseconds', step: HOUR_MS, weekdays: [0, 1, 2, 3, 4, 5, 6], irregular: false },
    smallGapRows: 1,
    seasonLength,
  };
  return { data, fitted, parts };
}

/** A forecaster from a function of (origin, step from 1, target), scaled units. */
export function forecasterOf(
  data: WindowedData,
  value: (origin: number, step: number, target: number) => number,
): Forecaster {
  const { horizon } = data;
  const targets = data.targets.names.length;
  return {
    forecast: async (_inputs, origins) => {
      const forecasts = new Float64Array(origins.length * horizon * targets);
      let at = 0;
      for (const origin of origins) {
        for (let step = 1; step <= horizon; step++) {
          for (let target = 0; target < targets; target++) forecasts[at++] = value(origin, step, target);
        }
      }
      return forecasts;
    },
    dispose: () => {},
  };
}
