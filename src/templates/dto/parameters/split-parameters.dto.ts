import { IsIn, IsOptional } from 'class-validator';
import { IntegerIn, IsUtcTime, NumberIn, Omissible } from './field-rules.js';

/** Chronological parts: train, then validation, then test. */
export class SplitParametersDto {
  /** Parts by share of the rows, by date, or by rolling windows: the newest rows, tested horizon by horizon. */
  @Omissible()
  @IsIn(['ratio', 'date', 'windows'])
  by?: 'ratio' | 'date' | 'windows' = 'ratio';

  /** Share of the rows in the validation part; for `ratio`. */
  @Omissible()
  @NumberIn(0.01, 0.98)
  validation?: number = 0.15;

  /** Share of the rows in the test part, the newest ones; for `ratio`. */
  @Omissible()
  @NumberIn(0.01, 0.98)
  test?: number = 0.15;

  /** First time that is no longer in the train part; for `date`. ISO 8601. */
  @IsOptional()
  @IsUtcTime()
  trainEnd?: string | null = null;

  /** First time that is no longer in the validation part; for `date`. ISO 8601. */
  @IsOptional()
  @IsUtcTime()
  validationEnd?: string | null = null;

  /** First time that is no longer in the test part; for `date`. ISO 8601; null: the test part goes to the last row. */
  @IsOptional()
  @IsUtcTime()
  testEnd?: string | null = null;

  /** Test windows of one horizon each, the newest rows; for `windows`. */
  @Omissible()
  @IntegerIn(1, 10_000)
  testWindows?: number = 4;

  /** Validation windows of one horizon each, before the test windows; for `windows`. */
  @Omissible()
  @IntegerIn(1, 10_000)
  validationWindows?: number = 4;

  /** Rows left out at the end of the train and of the validation part: values next to scored ones are much like them. */
  @Omissible()
  @IntegerIn(0, 1_000_000)
  purge?: number = 0;

  /**
   * Rows left out at the beginning of the validation and of the test part. With as many as the look-back no scored
   * window reads rows of the part before.
   */
  @Omissible()
  @IntegerIn(0, 1_000_000)
  embargo?: number = 0;
}
