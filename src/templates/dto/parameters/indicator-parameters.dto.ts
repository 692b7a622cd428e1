import { Type } from 'class-transformer';
import { IsBoolean, ValidateNested } from 'class-validator';
import { Declared, defaultNumber, defaultNumbers } from './declared.js';
import { IsAssetSelection, Omissible } from './field-rules.js';

/** Earlier values of the series as columns. */
export class LagParametersDto {
  /** Make these columns. */
  @Omissible()
  @IsBoolean()
  enabled?: boolean = false;

  /** Assets they are made for: `all` base assets, the `targets`, or a list. */
  @Omissible()
  @IsAssetSelection(['all', 'targets'])
  assets?: 'all' | 'targets' | string[] = 'targets';

  @Omissible()
  @Declared('lags', 'lags')
  lags?: number[] = defaultNumbers('lags', 'lags');
}

/** Simple moving average. */
export class SmaParametersDto {
  /** Make this column, where the group is enabled. */
  @Omissible()
  @IsBoolean()
  enabled?: boolean = true;

  @Omissible()
  @Declared('sma', 'window')
  window?: number = defaultNumber('sma', 'window');
}

/** Exponential moving average. */
export class EmaParametersDto {
  /** Make this column, where the group is enabled. */
  @Omissible()
  @IsBoolean()
  enabled?: boolean = true;

  @Omissible()
  @Declared('ema', 'window')
  window?: number = defaultNumber('ema', 'window');
}

/** Relative strength index. */
export class RsiParametersDto {
  /** Make this column, where the group is enabled. */
  @Omissible()
  @IsBoolean()
  enabled?: boolean = true;

  @Omissible()
  @Declared('rsi', 'window')
  window?: number = defaultNumber('rsi', 'window');
}

/** Bollinger bands: a moving average, and bands so many standard deviations above and below it. */
export class BollingerParametersDto {
  /** Make these columns, where the group is enabled. */
  @Omissible()
  @IsBoolean()
  enabled?: boolean = true;

  @Omissible()
  @Declared('bollinger', 'window')
  window?: number = defaultNumber('bollinger', 'window');

  @Omissible()
  @Declared('bollinger', 'deviations')
  deviations?: number = defaultNumber('bollinger', 'deviations');
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

  /** Simple moving average: `{asset}_SMA_{window}`. */
  @Omissible()
  @ValidateNested()
  @Type(() => SmaParametersDto)
  sma?: SmaParametersDto = new SmaParametersDto();

  /** Exponential moving average: `{asset}_EMA_{window}`. */
  @Omissible()
  @ValidateNested()
  @Type(() => EmaParametersDto)
  ema?: EmaParametersDto = new EmaParametersDto();

  /** Relative strength index: `{asset}_RSI_{window}`. */
  @Omissible()
  @ValidateNested()
  @Type(() => RsiParametersDto)
  rsi?: RsiParametersDto = new RsiParametersDto();

  /** Bollinger bands. */
  @Omissible()
  @ValidateNested()
  @Type(() => BollingerParametersDto)
  bollinger?: BollingerParametersDto = new BollingerParametersDto();
}
