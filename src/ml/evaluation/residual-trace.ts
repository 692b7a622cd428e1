import type { WindowedData } from '../windows/windowed-data.js';
import type { ForecastRecorder } from './forecast-recorder.js';

/** What is left of one target when its forecasts are taken off, original units: actual less forecast. */
export interface TargetResiduals {
  readonly asset: string;
  /** One step ahead, by forecast row; NaN where the row was not observed. */
  readonly first: Float64Array;
  /** At the last step, of the same windows. */
  readonly last: Float64Array;
}

/** Residuals of the windows of one part, in the order of their origins. */
export interface ResidualTrace {
  readonly origins: Int32Array;
  readonly targets: readonly TargetResiduals[];
}

/** Keeps the residuals of the first and of the last step while a part is scored. */
export class ResidualRecorder implements ForecastRecorder {
  private readonly kept: readonly { readonly first: Float64Array; readonly last: Float64Array }[];
  /** Windows seen of each target. */
  private readonly seen: Int32Array;

  constructor(
    private readonly data: WindowedData,
    private readonly originals: readonly Float64Array[],
    private readonly origins: Int32Array,
  ) {
    const empty = (): Float64Array => new Float64Array(origins.length).fill(NaN);
    this.kept = originals.map(() => ({ first: empty(), last: empty() }));
    this.seen = new Int32Array(originals.length);
  }

  add(target: number, origins: Int32Array, forecasts: Float64Array): void {
    const { horizon, targets } = this.data;
    const observed = targets.observed[target]!;
    const series = this.originals[target]!;
    const { first, last } = this.kept[target]!;
    origins.forEach((origin, window) => {
      const at = this.seen[target]!++;
      const residual = (step: number): number => {
        const row = origin + step;
        return observed[row] === 1 ? series[row]! - forecasts[window * horizon + step - 1]! : NaN;
      };
      first[at] = residual(1);
      last[at] = residual(horizon);
    });
  }

  trace(): ResidualTrace {
    const { names } = this.data.targets;
    return { origins: this.origins, targets: this.kept.map((kept, at) => ({ asset: names[at]!, ...kept })) };
  }
}
