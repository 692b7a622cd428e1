import { Type } from 'class-transformer';
import { IsIn, IsOptional, ValidateNested } from 'class-validator';
import { BacktestParametersDto } from './backtest-parameters.dto.js';
import { DataParametersDto } from './data-parameters.dto.js';
import { FeatureParametersDto } from './feature-parameters.dto.js';
import { Omissible } from './field-rules.js';
import { GapParametersDto } from './gap-parameters.dto.js';
import {
  AlgorithmParametersDto,
  EvaluationParametersDto,
  RegistrationParametersDto,
  ScalingParametersDto,
  TrainingParametersDto,
  WindowParametersDto,
} from './model-parameters.dto.js';
import { SplitParametersDto } from './split-parameters.dto.js';

/**
 * Every parameter of every step of a training. A field that is left out takes its default.
 *
 * These classes are the only declaration of the fields: validation, OpenAPI, the default values, the names that
 * overrides may use and the type `TemplateParameters` are read off them. That asks two things of each field: its type is
 * checked before anything else (decorators run from the lowest up, and the first failure is the one reported), and it
 * has an initialiser, or `!` where a value must be given, so that an instance shows every field.
 */
export class TemplateParametersDto {
  /**
   * What a model gives for each row it forecasts: its value, or, for `direction`, the probabilities that it lies below,
   * about at or above the last known value. `evaluation.directionThreshold` says what counts as about (null: 0, only
   * equal values do); `scaling.targets` and intervals have no meaning then.
   */
  @Omissible()
  @IsIn(['forecast', 'direction'])
  task?: 'forecast' | 'direction' = 'forecast';

  /** Which rows and columns of which dataset. */
  @ValidateNested()
  @Type(() => DataParametersDto)
  data: DataParametersDto = new DataParametersDto();

  /** What happens to missing rows. */
  @Omissible()
  @ValidateNested()
  @Type(() => GapParametersDto)
  gaps?: GapParametersDto = new GapParametersDto();

  /** Columns that the feature steps add. */
  @Omissible()
  @ValidateNested()
  @Type(() => FeatureParametersDto)
  features?: FeatureParametersDto = new FeatureParametersDto();

  /** Chronological parts: train, then validation, then test. */
  @Omissible()
  @ValidateNested()
  @Type(() => SplitParametersDto)
  split?: SplitParametersDto = new SplitParametersDto();

  /** What a model sees and gives at once. */
  @Omissible()
  @ValidateNested()
  @Type(() => WindowParametersDto)
  windows?: WindowParametersDto = new WindowParametersDto();

  /** Transforms of inputs and targets, fitted on the train part only. */
  @Omissible()
  @ValidateNested()
  @Type(() => ScalingParametersDto)
  scaling?: ScalingParametersDto = new ScalingParametersDto();

  /** What learns. */
  @Omissible()
  @ValidateNested()
  @Type(() => AlgorithmParametersDto)
  algorithm?: AlgorithmParametersDto = new AlgorithmParametersDto();

  /** How training is run. */
  @Omissible()
  @ValidateNested()
  @Type(() => TrainingParametersDto)
  training?: TrainingParametersDto = new TrainingParametersDto();

  /** What scores are compared with. */
  @Omissible()
  @ValidateNested()
  @Type(() => EvaluationParametersDto)
  evaluation?: EvaluationParametersDto = new EvaluationParametersDto();

  /** Scores from several cut-offs too; null: none. */
  @IsOptional()
  @ValidateNested()
  @Type(() => BacktestParametersDto)
  backtest?: BacktestParametersDto | null = null;

  /** Where the result goes. */
  @Omissible()
  @ValidateNested()
  @Type(() => RegistrationParametersDto)
  registration?: RegistrationParametersDto = new RegistrationParametersDto();
}
