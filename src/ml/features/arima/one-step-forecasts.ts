import type { ArimaModel } from './arima-model.js';

/**
 * The state of a model that goes along a series and forecasts the next value. It begins with p + d observed values and
 * with innovations of 0. A missing value is taken to be what was forecast; after more than `bridgeRows` of them in a row
 * nothing is forecast until p + d values have been observed again.
 */
export class OneStepForecasts {
  /** Newest first: x, w and e of the last rows. */
  private readonly levels: Float64Array;
  private readonly moves: Float64Array;
  private readonly innovations: Float64Array;
  private known = 0;
  private missing = 0;

  constructor(
    private readonly model: ArimaModel,
    private readonly bridgeRows: number,
  ) {
    this.levels = new Float64Array(model.d);
    this.moves = new Float64Array(model.ar.length);
    this.innovations = new Float64Array(model.ma.length);
  }

  /** Values that it must have seen before it forecasts. */
  get needed(): number {
    return this.model.ar.length + this.model.d;
  }

  /** The forecast of the value after the last one taken; NaN when there is none. */
  forecast(): number {
    if (this.known < this.needed || this.missing > this.bridgeRows) return NaN;
    const { constant, ar, ma } = this.model;
    let move = constant;
    for (let i = 0; i < ar.length; i++) move += ar[i]! * this.moves[i]!;
    for (let j = 0; j < ma.length; j++) move += ma[j]! * this.innovations[j]!;
    const value = move + this.base();
    return Number.isFinite(value) ? value : NaN;
  }

  take(observed: number): void {
    const forecast = this.forecast();
    const isMissing = Number.isNaN(observed);
    this.missing = isMissing ? this.missing + 1 : 0;
    const value = isMissing ? forecast : observed;
    if (Number.isNaN(value) || this.missing > this.bridgeRows) {
      this.known = 0;
      this.innovations.fill(0);
      return;
    }
    shift(this.innovations, isMissing || Number.isNaN(forecast) ? 0 : observed - forecast);
    // A move needs d values before it; earlier ones are overwritten before they count.
    shift(this.moves, value - this.base());
    shift(this.levels, value);
    this.known++;
  }

  /** What Δ^d leaves out: 0, x_{t−1}, or 2 x_{t−1} − x_{t−2}. */
  private base(): number {
    switch (this.model.d) {
      case 0:
        return 0;
      case 1:
        return this.levels[0]!;
      default:
        return 2 * this.levels[0]! - this.levels[1]!;
    }
  }
}

function shift(values: Float64Array, newest: number): void {
  if (values.length === 0) return;
  values.copyWithin(1, 0);
  values[0] = newest;
}
