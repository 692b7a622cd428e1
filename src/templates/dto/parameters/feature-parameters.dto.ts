import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, ValidateNested } from 'class-validator';
import { AutoencoderParametersDto } from './autoencoder-parameters.dto.js';
import { FeatureStepParametersDto } from './feature-step-parameters.dto.js';
import { ArimaParametersDto, FourierParametersDto } from './forecast-parameters.dto.js';
import { IsNameList, NumberIn, Omissible } from './field-rules.js';
import { LagParametersDto, TechnicalAnalysisParametersDto } from './indicator-parameters.dto.js';

/** Time of day, day of week and the like, as columns. */
export class CalendarParametersDto {
  /** Make these columns. */
  @Omissible()
  @IsBoolean()
  enabled?: boolean = false;
}

/**
 * Covariates whose values at the forecast rows are known when the forecast is made: promotions, holidays, a weather
 * forecast, the calendar. A forecast from row t reads their rows up to t + horizon. The catalogue says which algorithms
 * do; to the others these assets are inputs like any other, up to row t.
 */
export class KnownFutureParametersDto {
  /**
   * Ids of base assets that are known in advance; no targets. Rows of theirs after the last row of the other assets are
   * what a `latest` forecast knows; they never lengthen the time axis.
   */
  @Omissible()
  @IsNameList('asset ids', 0)
  assets?: string[] = [];

  /** Time of day, day of week and the like of the forecast rows; nobody has to give them. */
  @Omissible()
  @IsBoolean()
  calendar?: boolean = false;
}

/** What each input column is worth to the trained model. */
export class ImportanceParametersDto {
  /**
   * Measure on the validation part how much worse the forecasts get without each column: artifacts
   * `feature-importance.json` and `.png`, and a list under the execution.
   */
  @Omissible()
  @IsBoolean()
  enabled?: boolean = true;
}

/** Leaves out input columns that are of no use, before the training and without a look at the test part. */
export class SelectionParametersDto {
  /** Select columns with gradient-boosted trees: learned on the train part, judged on the validation part. */
  @Omissible()
  @IsBoolean()
  enabled?: boolean = false;

  /** How much worse the trees may get without the columns that are left out, as a share of their error. 0…1. */
  @Omissible()
  @NumberIn(0, 1)
  tolerance?: number = 0.01;
}

/** Columns that the feature steps add. */
export class FeatureParametersDto {
  /** Earlier values of the series. */
  @Omissible()
  @ValidateNested()
  @Type(() => LagParametersDto)
  lags?: LagParametersDto = new LagParametersDto();

  /** Time of day, day of week and the like. */
  @Omissible()
  @ValidateNested()
  @Type(() => CalendarParametersDto)
  calendar?: CalendarParametersDto = new CalendarParametersDto();

  /** Moving averages, RSI, Bollinger bands. */
  @Omissible()
  @ValidateNested()
  @Type(() => TechnicalAnalysisParametersDto)
  technicalAnalysis?: TechnicalAnalysisParametersDto = new TechnicalAnalysisParametersDto();

  /** One-step ARIMA forecasts and what they missed by. */
  @Omissible()
  @ValidateNested()
  @Type(() => ArimaParametersDto)
  arima?: ArimaParametersDto = new ArimaParametersDto();

  /** The series rebuilt from its strongest harmonics of late. */
  @Omissible()
  @ValidateNested()
  @Type(() => FourierParametersDto)
  fourier?: FourierParametersDto = new FourierParametersDto();

  /** The columns of the feature steps, compressed by an autoencoder. */
  @Omissible()
  @ValidateNested()
  @Type(() => AutoencoderParametersDto)
  autoencoder?: AutoencoderParametersDto = new AutoencoderParametersDto();

  /** Covariates that are known at the forecast rows. */
  @Omissible()
  @ValidateNested()
  @Type(() => KnownFutureParametersDto)
  knownFuture?: KnownFutureParametersDto = new KnownFutureParametersDto();

  /**
   * The class of each asset as constant columns, for one model that serves several assets: networks with shared channels
   * and pooled trees.
   */
  @Omissible()
  @IsBoolean()
  assetClass?: boolean = false;

  /** More steps of the catalogue, each as often as it is wanted; their columns follow those of the groups above. */
  @Omissible()
  @ValidateNested({ each: true })
  @Type(() => FeatureStepParametersDto)
  @ArrayMaxSize(256)
  @IsArray()
  steps?: FeatureStepParametersDto[] = [];

  /** What each input column is worth to the trained model. */
  @Omissible()
  @ValidateNested()
  @Type(() => ImportanceParametersDto)
  importance?: ImportanceParametersDto = new ImportanceParametersDto();

  /** Leaves out input columns that are of no use. */
  @Omissible()
  @ValidateNested()
  @Type(() => SelectionParametersDto)
  selection?: SelectionParametersDto = new SelectionParametersDto();
}
