import { dieboldMariano, type SkillTest } from '../metrics/diebold-mariano.js';
import type { WindowedData } from '../windows/windowed-data.js';
import { naiveRow, seasonalNaiveRow } from './baselines.js';
import { windowThinning } from './conformal-calibration.js';
import type { ForecastRecorder } from './forecast-recorder.js';
import type { ScoredTarget } from './scored-targets.js';

/** Differentials held at once, 32 MiB of Float64 for each baseline. */
const MAXIMUM_DIFFERENTIALS = 2 ** 22;

/** Against each baseline; null where there are too few windows to tell. */
export type SkillTests = Readonly<Record<Baseline, SkillTest | null>>;

type Baseline = 'naive' | 'seasonalNaive';

/**
 * Collects, window by window, how much less a model errs than the baselines, for the test of Diebold and Mariano. The
 * loss is the absolute error over the asset's `trainDeviation`, averaged over the targets that were observed; overall
 * also over the steps. Of a part with more windows than are held at once, evenly spread ones are taken.
 */
export class SkillDifferentials implements ForecastRecorder {
  private readonly every: number;
  private readonly first: number;
  /** Positions of kept windows on the grid. */
  private readonly length: number;
  /** Σ of differentials [position, step] for each baseline, and their counts. */
  private readonly sums: Readonly<Record<Baseline, Float64Array>>;
  private readonly counts: Float64Array;

  constructor(
    private readonly data: WindowedData,
    private readonly targets: readonly ScoredTarget[],
    origins: Int32Array,
    /** Rows between two origins. */
    private readonly stride: number,
  ) {
    this.first = origins[0]!;
    const windows = Math.floor((origins[origins.length - 1]! - this.first) / stride) + 1;
    this.every = windowThinning(windows, data.horizon, MAXIMUM_DIFFERENTIALS);
    this.length = Math.ceil(windows / this.every);
    const values = this.length * data.horizon;
    this.sums = { naive: new Float64Array(values), seasonalNaive: new Float64Array(values) };
    this.counts = new Float64Array(values);
  }

  add(target: number, origins: Int32Array, forecasts: Float64Array): void {
    const { horizon, seasonLength } = this.data;
    const { original, observed, trainDeviation } = this.targets[target]!;
    origins.forEach((origin, window) => {
      const position = (origin - this.first) / this.stride / this.every;
      if (!Number.isInteger(position)) return;
      const naive = original[naiveRow(original, origin)]!;
      for (let step = 1; step <= horizon; step++) {
        const row = origin + step;
        if (observed[row] !== 1) continue;
        const actual = original[row]!;
        const error = Math.abs(forecasts[window * horizon + step - 1]! - actual);
        const seasonal = original[seasonalNaiveRow(original, origin, step, seasonLength)]!;
        const at = position * horizon + step - 1;
        this.counts[at]! += 1;
        this.sums.naive[at]! += (error - Math.abs(naive - actual)) / trainDeviation;
        this.sums.seasonalNaive[at]! += (error - Math.abs(seasonal - actual)) / trainDeviation;
      }
    });
  }

  overall(): SkillTests {
    return this.tests(1, this.data.horizon);
  }

  /** `step` from 1. */
  ofStep(step: number): SkillTests {
    return this.tests(step, step);
  }

  private tests(from: number, to: number): SkillTests {
    const overlap = Math.ceil(to / (this.stride * this.every));
    const test = (baseline: Baseline): SkillTest | null =>
      dieboldMariano(this.differentials(this.sums[baseline], from, to), overlap);
    return { naive: test('naive'), seasonalNaive: test('seasonalNaive') };
  }

  /** Means over the steps `from` … `to` of each window; NaN where nothing was observed. */
  private differentials(sums: Float64Array, from: number, to: number): Float64Array {
    const { horizon } = this.data;
    return Float64Array.from({ length: this.length }, (_, position) => {
      let sum = 0;
      let count = 0;
      for (let step = from; step <= to; step++) {
        sum += sums[position * horizon + step - 1]!;
        count += this.counts[position * horizon + step - 1]!;
      }
      return count === 0 ? NaN : sum / count;
    });
  }
}

/** A result this improbable, if the model were no better than the baseline, counts as skill. */
export const SIGNIFICANCE_LEVEL = 0.05;

/** Where there are too few windows to test, the skill alone decides. */
export function isSignificant(test: SkillTest | null): boolean {
  return test === null || test.pValue < SIGNIFICANCE_LEVEL;
}
