import type { RowRange } from '../processing/processing-plan.js';
import { changeSizes, directionLabels, directionOf, DIRECTIONS, UNLABELLED } from '../windows/direction-labels.js';
import type { WindowedData } from '../windows/windowed-data.js';
import type { DirectionEvaluation, DirectionScores } from './evaluation-report.js';
import type { ForecastRecorder } from './forecast-recorder.js';

const CLASSES = DIRECTIONS.length;

/**
 * Counts, block by block, how often forecasts go where the values went. Of each target the change from the origin to
 * every forecast row is up, flat or down against `threshold` times the usual size of a change over as many steps in the
 * train part, see `changeSizes`; actual and forecast against the same limit. Series and forecasts are in original
 * units. Only changes between observed values count.
 */
export class DirectionCounts implements ForecastRecorder {
  /** For each target the largest flat change of each step. */
  private readonly limits: readonly Float64Array[];
  /** For each target [actual, forecast], row-major. */
  private readonly confusions: readonly Float64Array[];

  constructor(
    private readonly data: WindowedData,
    private readonly originals: readonly Float64Array[],
    train: RowRange,
    private readonly threshold: number,
  ) {
    const { targets, horizon } = data;
    this.limits = originals.map((series, target) =>
      changeSizes(series, targets.observed[target]!, train, horizon).map((size) => threshold * size),
    );
    this.confusions = originals.map(() => new Float64Array(CLASSES * CLASSES));
  }

  /** Forecasts [origins, horizon] of one target. */
  add(target: number, origins: Int32Array, forecasts: Float64Array): void {
    const { horizon, targets } = this.data;
    const series = this.originals[target]!;
    const limits = this.limits[target]!;
    const confusion = this.confusions[target]!;
    directionLabels(series, targets.observed[target]!, origins, limits).forEach((actual, at) => {
      if (actual === UNLABELLED) return;
      const origin = origins[Math.floor(at / horizon)]!;
      const forecast = directionOf(forecasts[at]! - series[origin]!, limits[at % horizon]!);
      confusion[actual * CLASSES + forecast]! += 1;
    });
  }

  /** Null when no change had both its ends observed. */
  evaluation(): DirectionEvaluation | null {
    const all = this.confusions.reduce((sum, confusion) => sum.map((count, at) => count + confusion[at]!));
    const overall = scores(all);
    if (overall === null) return null;
    return {
      threshold: this.threshold,
      ...overall,
      perAsset: this.data.targets.names.flatMap((asset, target) => {
        const ofAsset = scores(this.confusions[target]!);
        return ofAsset === null ? [] : [{ asset, ...ofAsset }];
      }),
    };
  }
}

function scores(counts: Float64Array): DirectionScores | null {
  const confusion = DIRECTIONS.map((_, actual) => [...counts.subarray(actual * CLASSES, (actual + 1) * CLASSES)]);
  const actuals = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
  const count = actuals.reduce((sum, ofClass) => sum + ofClass, 0);
  if (count === 0) return null;
  const hits = confusion.reduce((sum, row, actual) => sum + row[actual]!, 0);
  const majority = actuals.indexOf(Math.max(...actuals));
  return {
    count,
    hitRate: hits / count,
    majority: DIRECTIONS[majority]!,
    majorityRate: actuals[majority]! / count,
    confusion,
  };
}
