import { Type } from 'class-transformer';
import { IsBoolean, IsIn, ValidateNested } from 'class-validator';
import { IMPUTATION_NAMES, type ImputationName } from '../../../ml/gaps/imputation/imputation-methods.js';
import { IntegerIn, NumberIn, Omissible } from './field-rules.js';

/** A model of where the series has holes: the probability that a forecast row will have no value. */
export class GapClassifierParametersDto {
  /** Train it for each target that has a large gap in its train part; costs nothing where there is none. */
  @Omissible()
  @IsBoolean()
  enabled?: boolean = true;
}

/** What happens to missing rows. */
export class GapParametersDto {
  /** A run of missing rows longer than this share of the train part is large: masked and never imputed. 0…1. */
  @Omissible()
  @NumberIn(0, 1)
  largeShare?: number = 0.1;

  /**
   * How small gaps are filled. Causal, each row from what was observed before it: `forward-fill`, `trailing-median`,
   * `seasonal` (the value a season before), `trend` (damped linear), `kalman` (structural model). Across the gap:
   * `linear`, `median` (of neighbours on both sides), `spline`, `kalman-smoother`; windows that end before what these
   * need was observed are left out, and no forecast is made from inside a gap. `auto` takes for each column the causal
   * method with the least error on known values that are masked.
   */
  @Omissible()
  @IsIn([...IMPUTATION_NAMES, 'auto'])
  imputation?: ImputationName | 'auto' = 'forward-fill';

  /** Observed points that the medians look at, on each side they look to. Rows. */
  @Omissible()
  @IntegerIn(1, 10_000)
  neighbours?: number = 100;

  /** A model of where the series has holes: the probability that a forecast row will have no value. */
  @Omissible()
  @ValidateNested()
  @Type(() => GapClassifierParametersDto)
  classifier?: GapClassifierParametersDto = new GapClassifierParametersDto();
}
