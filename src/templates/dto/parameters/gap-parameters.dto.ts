import { Type } from 'class-transformer';
import { IsBoolean, IsIn, ValidateNested } from 'class-validator';
import { IntegerIn, NumberIn, Omissible } from './field-rules.js';

/** A model of where the series has holes. */
export class GapClassifierParametersDto {
  /** Train it where large gaps exist. */
  @Omissible()
  @IsBoolean()
  enabled?: boolean = false;
}

/** What happens to missing rows. */
export class GapParametersDto {
  /** A run of missing rows longer than this share of the train part is large: masked and never imputed. 0…1. */
  @Omissible()
  @NumberIn(0, 1)
  largeShare?: number = 0.1;

  /** How small gaps are filled. Both ways look back only, since a fill that looks ahead would leak the future. */
  @Omissible()
  @IsIn(['forward-fill', 'trailing-median'])
  imputation?: 'forward-fill' | 'trailing-median' = 'forward-fill';

  /** Observed points that the trailing median looks back over. Rows. */
  @Omissible()
  @IntegerIn(1, 10_000)
  neighbours?: number = 100;

  /** A model of where the series has holes. This version does not have it yet. */
  @Omissible()
  @ValidateNested()
  @Type(() => GapClassifierParametersDto)
  classifier?: GapClassifierParametersDto = new GapClassifierParametersDto();
}
