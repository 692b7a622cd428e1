import { IsBoolean, IsOptional } from 'class-validator';
import { IntegerIn, Omissible } from './field-rules.js';

/** A rolling-origin backtest: forecasts from several cut-offs, counted back from the end of the test part. */
export class BacktestParametersDto {
  /** Cut-offs. */
  @Omissible()
  @IntegerIn(1, 50)
  windows?: number = 5;

  /** Rows between two cut-offs. Null: the horizon, so that windows do not overlap. */
  @IsOptional()
  @IntegerIn(1, 1_000_000)
  step?: number | null = null;

  /**
   * Fits everything anew at each cut-off, on the rows up to it. False: the model that was fitted once is scored at the
   * cut-offs, which lie in the test part.
   */
  @Omissible()
  @IsBoolean()
  refit?: boolean = false;

  /** With refit: rows up to the cut-off that are used, a sliding window. Null: all of them, an expanding one. */
  @IsOptional()
  @IntegerIn(2, 1_000_000_000)
  trainRows?: number | null = null;
}
