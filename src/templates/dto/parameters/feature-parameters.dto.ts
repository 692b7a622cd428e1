import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsInt,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { AutoencoderParametersDto } from './autoencoder-parameters.dto.js';
import { FeatureStepParametersDto } from './feature-step-parameters.dto.js';
import { IsAssetSelection, IsNameList, NumberIn, Omissible } from './field-rules.js';
import { LagParametersDto, TechnicalAnalysisParametersDto } from './indicator-parameters.dto.js';

/** Time of day, day of week and the like, as columns. */
export class CalendarParametersDto {
  /** Make these columns. */
  @Omissible()
  @IsBoolean()
  enabled?: boolean = false;
}

/** One-step forecasts of an ARIMA model, as a column per asset. */
export class ArimaParametersDto {
  /** Make these columns. */
  @Omissible()
  @IsBoolean()
  enabled?: boolean = false;

  /** Assets it is made for. */
  @Omissible()
  @IsAssetSelection(['all', 'targets'])
  assets?: 'all' | 'targets' | string[] = 'all';

  /** Autoregressive order, differences, moving-average order. */
  @Omissible()
  @Max(20, { each: true })
  @Min(0, { each: true })
  @IsInt({ each: true })
  @ArrayMaxSize(3)
  @ArrayMinSize(3)
  @IsArray()
  order?: number[] = [5, 1, 0];

  /** Share of the train part the model is fitted on. 0…1. */
  @Omissible()
  @NumberIn(0.1, 1)
  trainShare?: number = 0.8;
}

/** The series rebuilt from its strongest harmonics, as a column per number of harmonics. */
export class FourierParametersDto {
  /** Make these columns. */
  @Omissible()
  @IsBoolean()
  enabled?: boolean = false;

  /** Classes of the assets it is made for. */
  @Omissible()
  @IsNameList('asset classes')
  assetClasses?: string[] = ['FX', 'Index', 'Commodity', 'Futures', 'Fixed Income'];

  /** Numbers of harmonics, one column each. */
  @Omissible()
  @Max(10_000, { each: true })
  @Min(1, { each: true })
  @IsInt({ each: true })
  @ArrayUnique()
  @ArrayMaxSize(64)
  @ArrayNotEmpty()
  @IsArray()
  harmonics?: number[] = [3, 6, 9, 100];
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

  /** One-step ARIMA forecasts. This version does not have it yet: `enabled: true` is refused. */
  @Omissible()
  @ValidateNested()
  @Type(() => ArimaParametersDto)
  arima?: ArimaParametersDto = new ArimaParametersDto();

  /** The series rebuilt from its strongest harmonics. This version does not have it yet: `enabled: true` is refused. */
  @Omissible()
  @ValidateNested()
  @Type(() => FourierParametersDto)
  fourier?: FourierParametersDto = new FourierParametersDto();

  /** The columns of the feature steps, compressed by an autoencoder. */
  @Omissible()
  @ValidateNested()
  @Type(() => AutoencoderParametersDto)
  autoencoder?: AutoencoderParametersDto = new AutoencoderParametersDto();

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
