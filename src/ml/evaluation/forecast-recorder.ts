/**
 * Something that looks on while a part is scored, block by block of origins: forecasts are made once, whatever is drawn
 * from them. Blocks come in the order of the origins; each comes once for every target.
 */
export interface ForecastRecorder {
  /** Forecasts [origins, horizon] of one target in original units, and in those of scaled scores. */
  add(target: number, origins: Int32Array, forecasts: Float64Array, scaled: Float64Array): void;
}
