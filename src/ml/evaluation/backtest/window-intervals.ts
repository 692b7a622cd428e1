import type { IntervalScores } from '../../metrics/interval-metrics.js';
import type { ForecastIntervals, IntervalForecast } from '../forecast-intervals.js';
import { IntervalCoverage, type IntervalRecorder } from '../interval-coverage.js';
import type { ScoredTarget } from '../scored-targets.js';

/** Counts what the intervals of each window hold. */
export class WindowIntervals implements IntervalRecorder {
  private readonly byOrigin = new Map<number, IntervalCoverage>();

  constructor(
    private readonly targets: readonly ScoredTarget[],
    private readonly horizon: number,
    private readonly method: ForecastIntervals['method'],
  ) {}

  add(target: number, origins: Int32Array, intervals: readonly IntervalForecast[]): void {
    const { horizon } = this;
    origins.forEach((origin, at) => {
      const coverage = this.byOrigin.get(origin) ?? new IntervalCoverage(this.targets, horizon, this.method);
      this.byOrigin.set(origin, coverage);
      const part = (ends: Float64Array): Float64Array => ends.subarray(at * horizon, (at + 1) * horizon);
      const ofWindow = intervals.map((one) => ({ ...one, lower: part(one.lower), upper: part(one.upper) }));
      coverage.add(target, Int32Array.of(origin), ofWindow);
    });
  }

  of(origin: number): IntervalScores[] {
    return this.byOrigin.get(origin)?.overall() ?? [];
  }
}
