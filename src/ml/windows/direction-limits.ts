/** What the task `direction` asks of each target: which changes count as flat. Plain JSON, goes with the model. */
export interface DirectionLimits {
  /** A change over h steps is flat up to this many times the usual one of the train part. */
  readonly threshold: number;
  /** For each target the largest flat change of the steps 1 … horizon, original units. */
  readonly limits: readonly (readonly number[])[];
}
