import { Type } from 'class-transformer';
import {
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsInt,
  IsNumber,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsAssetSelection, Omissible } from './field-rules.js';

/** Earlier values of the series as columns. */
export class LagParametersDto {
  @Omissible()
  @IsBoolean()
  enabled?: boolean = false;

  /** Assets it is made for: `all` base assets, the `targets`, or a list. */
  @Omissible()
  @IsAssetSelection(['all', 'targets'])
  assets?: 'all' | 'targets' | string[] = 'targets';

  /** Lags in rows, one column each. */
  @Omissible()
  @Max(10_000, { each: true })
  @Min(1, { each: true })
  @IsInt({ each: true })
  @ArrayUnique()
  @ArrayNotEmpty()
  @IsArray()
  lags?: number[] = [1, 7];
}

/** Simple moving average. */
export class SmaParametersDto {
  @Omissible()
  @IsBoolean()
  enabled?: boolean = true;

  /** Rows. */
  @Omissible()
  @Max(10_000)
  @Min(1)
  @IsInt()
  window?: number = 7;
}

/** Exponential moving average. */
export class EmaParametersDto {
  @Omissible()
  @IsBoolean()
  enabled?: boolean = true;

  /** Rows. */
  @Omissible()
  @Max(10_000)
  @Min(1)
  @IsInt()
  window?: number = 7;
}

/** Relative strength index. */
export class RsiParametersDto {
  @Omissible()
  @IsBoolean()
  enabled?: boolean = true;

  /** Rows. */
  @Omissible()
  @Max(10_000)
  @Min(2)
  @IsInt()
  window?: number = 14;
}

/** Bollinger bands: a moving average, and bands so many standard deviations above and below it. */
export class BollingerParametersDto {
  @Omissible()
  @IsBoolean()
  enabled?: boolean = true;

  /** Rows. */
  @Omissible()
  @Max(10_000)
  @Min(2)
  @IsInt()
  window?: number = 20;

  /** Half the width of the band in standard deviations. */
  @Omissible()
  @Max(10)
  @Min(0.1)
  @IsNumber()
  deviations?: number = 2;
}

/** Indicators of technical analysis; each can be left out. */
export class TechnicalAnalysisParametersDto {
  /** The switch of the whole group. */
  @Omissible()
  @IsBoolean()
  enabled?: boolean = false;

  /** Assets they are made for: `all` base assets, the `targets`, or a list. */
  @Omissible()
  @IsAssetSelection(['all', 'targets'])
  assets?: 'all' | 'targets' | string[] = 'all';

  @Omissible()
  @ValidateNested()
  @Type(() => SmaParametersDto)
  sma?: SmaParametersDto = new SmaParametersDto();

  @Omissible()
  @ValidateNested()
  @Type(() => EmaParametersDto)
  ema?: EmaParametersDto = new EmaParametersDto();

  @Omissible()
  @ValidateNested()
  @Type(() => RsiParametersDto)
  rsi?: RsiParametersDto = new RsiParametersDto();

  @Omissible()
  @ValidateNested()
  @Type(() => BollingerParametersDto)
  bollinger?: BollingerParametersDto = new BollingerParametersDto();
}
