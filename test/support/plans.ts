import type { AssetFrame } from '#src/ml/frame/time-frame.js';
import type { ProcessingPlan } from '#src/ml/processing/processing-plan.js';

/** The frame of an asset with one column, `value`. */
export function assetFrame(asset: string, times: Float64Array, value: ArrayLike<number>): AssetFrame {
  return { asset, assetClass: null, frame: { times, names: ['value'], columns: [Float64Array.from(value)] } };
}

/** A plan over assets with the column `value`; the first one is the target unless changed. */
export function planOf(assets: readonly string[], changes: Partial<ProcessingPlan> = {}): ProcessingPlan {
  return {
    format: 1,
    assets: assets.map((id) => ({ id, assetClass: null, column: 'value' })),
    targets: assets.slice(0, 1),
    axis: { join: 'union', start: null, end: null },
    gaps: { largeShare: 0.1, imputation: 'forward-fill', neighbours: 100 },
    features: [],
    split: { by: 'ratio', validation: 0.2, test: 0.2 },
    windows: { lookBack: 3, horizon: 2, stride: 1 },
    scaling: { inputs: 'standard', targets: 'standard' },
    seasonLength: null,
    ...changes,
  };
}
