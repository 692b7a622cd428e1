import { Type } from 'class-transformer';
import { ValidateNested } from 'class-validator';
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
 * overrides may use and the type `TemplateParameters` are read off them. That asks two things of each field: a
 * decorator list whose lowest entry checks the type (it runs first, and the first failure is the one reported), and an
 * initialiser, or `!` where a value must be given, so that an instance shows every field.
 */
export class TemplateParametersDto {
  @ValidateNested()
  @Type(() => DataParametersDto)
  data: DataParametersDto = new DataParametersDto();

  @Omissible()
  @ValidateNested()
  @Type(() => GapParametersDto)
  gaps?: GapParametersDto = new GapParametersDto();

  @Omissible()
  @ValidateNested()
  @Type(() => FeatureParametersDto)
  features?: FeatureParametersDto = new FeatureParametersDto();

  @Omissible()
  @ValidateNested()
  @Type(() => SplitParametersDto)
  split?: SplitParametersDto = new SplitParametersDto();

  @Omissible()
  @ValidateNested()
  @Type(() => WindowParametersDto)
  windows?: WindowParametersDto = new WindowParametersDto();

  @Omissible()
  @ValidateNested()
  @Type(() => ScalingParametersDto)
  scaling?: ScalingParametersDto = new ScalingParametersDto();

  @Omissible()
  @ValidateNested()
  @Type(() => AlgorithmParametersDto)
  algorithm?: AlgorithmParametersDto = new AlgorithmParametersDto();

  @Omissible()
  @ValidateNested()
  @Type(() => TrainingParametersDto)
  training?: TrainingParametersDto = new TrainingParametersDto();

  @Omissible()
  @ValidateNested()
  @Type(() => EvaluationParametersDto)
  evaluation?: EvaluationParametersDto = new EvaluationParametersDto();

  @Omissible()
  @ValidateNested()
  @Type(() => RegistrationParametersDto)
  registration?: RegistrationParametersDto = new RegistrationParametersDto();
}
