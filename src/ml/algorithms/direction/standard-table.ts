import type { WindowedData } from '../../windows/windowed-data.js';
import { columnCounts, writeCovariates, writeFixedColumns, type LogisticColumns } from './logistic-columns.js';
import { curvatureBound, type Preconditioner } from './multinomial.js';

export interface WeightedWindows {
  readonly origins: Int32Array;
  /** Null where all count alike. */
  readonly weights: Float64Array | null;
}

/** The columns of windows for one step at a time, each of mean 0 and deviation 1 over them, or 0 where it never varies. */
export class StandardTable {
  readonly width: number;
  readonly rows: Float64Array;
  private readonly means: Float64Array;
  private readonly deviations: Float64Array;
  private step = 0;
  /** Of the columns as they are now, with what was last made of it. */
  private bound: {
    readonly of: ReturnType<typeof curvatureBound>;
    readonly made: { readonly lambda: number; readonly precondition: Preconditioner } | null;
  } | null = null;

  constructor(
    private readonly data: WindowedData,
    private readonly columns: LogisticColumns,
    private readonly windows: WeightedWindows,
  ) {
    const { all, fixed } = columnCounts(columns);
    this.width = all;
    this.rows = new Float64Array(windows.origins.length * all);
    this.means = new Float64Array(all);
    this.deviations = new Float64Array(all);
    windows.origins.forEach((origin, window) => {
      writeFixedColumns(columns, data.inputs, data.future, origin, this.rows, window * all);
    });
    for (let column = 0; column < fixed; column++) this.standardise(column);
  }

  moveTo(step: number): void {
    if (this.step === step) return;
    this.step = step;
    const { all, fixed } = columnCounts(this.columns);
    if (all === fixed) return;
    this.bound = null;
    this.windows.origins.forEach((origin, window) => {
      writeCovariates(this.columns, this.data.future, origin + step, this.rows, window * all + fixed);
    });
    for (let column = fixed; column < all; column++) this.standardise(column);
  }

  /** See `curvatureBound`; undefined for tables that are too wide for one. */
  preconditioner(lambda: number): Preconditioner | undefined {
    const { rows, width, windows } = this;
    this.bound ??= {
      of: curvatureBound({ rows, width, weights: windows.weights }, windows.origins.length),
      made: null,
    };
    const { of, made } = this.bound;
    if (of === null) return undefined;
    if (made?.lambda === lambda) return made.precondition;
    const precondition = of(lambda);
    this.bound = { of, made: { lambda, precondition } };
    return precondition;
  }

  /** Weights for these columns as weights for the columns as they were. */
  forRawColumns(theta: Float64Array): Float64Array {
    const size = this.width + 1;
    const raw = new Float64Array(theta.length);
    for (let first = 0; first < theta.length; first += size) {
      let intercept = theta[first + this.width]!;
      for (let column = 0; column < this.width; column++) {
        const deviation = this.deviations[column]!;
        const weight = deviation === 0 ? 0 : theta[first + column]! / deviation;
        raw[first + column] = weight;
        intercept -= weight * this.means[column]!;
      }
      raw[first + this.width] = intercept;
    }
    return raw;
  }

  /** The inverse: weights for columns as they were as weights for these, those of columns that never vary being 0. */
  fromRawColumns(raw: Float64Array): Float64Array {
    const size = this.width + 1;
    const theta = new Float64Array(raw.length);
    for (let first = 0; first < raw.length; first += size) {
      let intercept = raw[first + this.width]!;
      for (let column = 0; column < this.width; column++) {
        const deviation = this.deviations[column]!;
        theta[first + column] = deviation === 0 ? 0 : raw[first + column]! * deviation;
        intercept += raw[first + column]! * this.means[column]!;
      }
      theta[first + this.width] = intercept;
    }
    return theta;
  }

  private standardise(column: number): void {
    const { rows, width } = this;
    const { weights } = this.windows;
    let [total, sum, squares] = [0, 0, 0];
    const count = this.windows.origins.length;
    for (let row = 0; row < count; row++) {
      const weight = weights === null ? 1 : weights[row]!;
      total += weight;
      sum += weight * rows[row * width + column]!;
    }
    const mean = sum / total;
    for (let row = 0; row < count; row++) {
      squares += (weights === null ? 1 : weights[row]!) * (rows[row * width + column]! - mean) ** 2;
    }
    const found = Math.sqrt(squares / total);
    // What is left of a constant after rounding is no variation.
    const deviation = found <= 1e-9 * Math.max(1, Math.abs(mean)) ? 0 : found;
    for (let row = 0; row < count; row++) {
      const at = row * width + column;
      rows[at] = deviation === 0 ? 0 : (rows[at]! - mean) / deviation;
    }
    this.means[column] = mean;
    this.deviations[column] = deviation;
  }
}
