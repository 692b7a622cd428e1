/** A column and the mean that is subtracted from it, so that its penalty leaves the level alone. */
export interface CentredColumn {
  readonly values: Float64Array;
  readonly mean: number;
}
