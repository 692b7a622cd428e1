import { ArrayUnique, IsBoolean } from 'class-validator';
import { Declared, defaultBoolean, defaultChoice, defaultNumber, defaultNumbers } from './declared.js';
import { IsAssetSelection, IsNameList, Omissible } from './field-rules.js';

/**
 * One-step ARIMA forecasts, refitted as rows come in: `{asset}_ARIMA`, what they missed by, and the forecast of the next
 * row. No model is applied to rows that it was fitted to, so there is no share of the train part to choose.
 */
export class ArimaParametersDto {
  /** Make these columns. */
  @Omissible()
  @IsBoolean()
  enabled?: boolean = false;

  /** Assets they are made for: `all` base assets, the `targets`, or a list. */
  @Omissible()
  @IsAssetSelection(['all', 'targets'])
  assets?: 'all' | 'targets' | string[] = 'all';

  @Omissible()
  @Declared('arima', 'order')
  order?: number[] = defaultNumbers('arima', 'order');

  @Omissible()
  @Declared('arima', 'search')
  search?: boolean = defaultBoolean('arima', 'search');

  @Omissible()
  @Declared('arima', 'window')
  window?: string = defaultChoice('arima', 'window');

  @Omissible()
  @Declared('arima', 'windowRows')
  windowRows?: number = defaultNumber('arima', 'windowRows');

  @Omissible()
  @Declared('arima', 'minimumRows')
  minimumRows?: number = defaultNumber('arima', 'minimumRows');

  @Omissible()
  @Declared('arima', 'refitEvery')
  refitEvery?: number = defaultNumber('arima', 'refitEvery');

  @Omissible()
  @Declared('arima', 'failureFactor')
  failureFactor?: number = defaultNumber('arima', 'failureFactor');

  @Omissible()
  @Declared('arima', 'bridgeRows')
  bridgeRows?: number = defaultNumber('arima', 'bridgeRows');
}

/** The classes of the assets that the Fourier feature is made for unless others are named. */
export const FOURIER_ASSET_CLASSES: readonly string[] = ['FX', 'Index', 'Commodity', 'Futures', 'Fixed Income'];

/** The series rebuilt from the strongest harmonics of the last rows: `{asset}_FT_{k}`, their shares, and the period. */
export class FourierParametersDto {
  /** Make these columns. */
  @Omissible()
  @IsBoolean()
  enabled?: boolean = false;

  /**
   * Classes of the assets they are made for. Each must be the class of a base asset. Left at its default, classes that the
   * data does not have are no error, and where it has none of them the columns are made for all base assets.
   */
  @Omissible()
  @IsNameList('asset classes')
  assetClasses?: string[] = [...FOURIER_ASSET_CLASSES];

  @Omissible()
  @ArrayUnique()
  @Declared('fourier', 'harmonics')
  harmonics?: number[] = defaultNumbers('fourier', 'harmonics');

  @Omissible()
  @Declared('fourier', 'window')
  window?: number = defaultNumber('fourier', 'window');

  @Omissible()
  @Declared('fourier', 'detrend')
  detrend?: string = defaultChoice('fourier', 'detrend');
}
