import type { ForecastRecorder } from '../forecast-recorder.js';

/** Keeps the forecasts of all windows while they are scored, for each target [windows, horizon]. */
export class ForecastSheet implements ForecastRecorder {
  readonly originals: readonly Float64Array[];
  readonly scaled: readonly Float64Array[];
  private readonly filled: Int32Array;

  constructor(targets: number, windows: number, horizon: number) {
    const empty = (): Float64Array[] => Array.from({ length: targets }, () => new Float64Array(windows * horizon));
    this.originals = empty();
    this.scaled = empty();
    this.filled = new Int32Array(targets);
  }

  add(target: number, _origins: Int32Array, forecasts: Float64Array, scaled: Float64Array): void {
    const at = this.filled[target]!;
    this.originals[target]!.set(forecasts, at);
    this.scaled[target]!.set(scaled, at);
    this.filled[target]! += forecasts.length;
  }
}
