/**
 * Something that looks on while a part is scored, block by block of origins: forecasts are made once, whatever is drawn
 * from them. Blocks come in the order of the origins; each comes once for every target.
 */
export interface ForecastRecorder {
  /** Forecasts [origins, horizon] of one target, original units. */
  add(target: number, origins: Int32Array, forecasts: Float64Array): void;
}
