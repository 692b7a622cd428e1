import { IsIn, IsOptional } from 'class-validator';
import { IsUtcTime, NumberIn, Omissible } from './field-rules.js';

/** Chronological parts: train, then validation, then test. */
export class SplitParametersDto {
  /** Parts by share of the rows, or by date. */
  @Omissible()
  @IsIn(['ratio', 'date'])
  by?: 'ratio' | 'date' = 'ratio';

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
}
