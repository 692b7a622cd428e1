import { IsNotEmpty, IsString } from 'class-validator';
import type { ParameterValue } from '../../../ml/parameters.js';
import { IsAssetSelection, IsParameterValues, Omissible } from './field-rules.js';

/** Any feature step of the catalogue, with parameters of its own. The same step may be asked for several times. */
export class FeatureStepParametersDto {
  /** Name of the step in the catalogue, for example `macd`. */
  @IsNotEmpty()
  @IsString()
  step!: string;

  /** Parameters that differ from the step's own defaults; the catalogue declares their names and ranges. */
  @Omissible()
  @IsParameterValues()
  parameters?: Record<string, ParameterValue> = {};

  /** Assets it is made for: `all` base assets, the `targets`, or a list. Steps of scope `axis` are made once. */
  @Omissible()
  @IsAssetSelection(['all', 'targets'])
  assets?: 'all' | 'targets' | string[] = 'all';

  /** For steps of scope `pair`: the assets that each of `assets` is compared with. */
  @Omissible()
  @IsAssetSelection(['all', 'targets'])
  references?: 'all' | 'targets' | string[] = 'targets';
}
