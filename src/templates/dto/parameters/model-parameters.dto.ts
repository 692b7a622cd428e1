import { Type } from 'class-transformer';
import { IsIn, IsNotEmpty, IsOptional, IsString, Matches, ValidateNested } from 'class-validator';
import { ApiProperty } from '@nestjs/swagger';
import type { ParameterValue } from '../../../ml/parameters.js';
import { IntegerIn, IsCoverageList, IsParameterValues, IsTransformChain, NumberIn, Omissible } from './field-rules.js';

/** What a model sees and gives at once. */
export class WindowParametersDto {
  /** Rows a forecast looks back on. */
  @Omissible()
  @IntegerIn(1, 1_000_000)
  lookBack?: number = 30;

  /** Rows it forecasts at once. */
  @Omissible()
  @IntegerIn(1, 100_000)
  horizon?: number = 7;

  /** Rows between the origins of two train windows. */
  @Omissible()
  @IntegerIn(1, 100_000)
  stride?: number = 1;

  /** Rows between the origins of two validation or test windows. Null: 1, or the horizon when split.by is windows. */
  @IsOptional()
  @IntegerIn(1, 100_000)
  evaluationStride?: number | null = null;

  /**
   * Rows over which the weight of a train window halves: windows that old count half as much in training as the newest.
   * Validation and test count every window once. Null: all count alike.
   */
  @IsOptional()
  @IntegerIn(1, 1_000_000_000)
  halfLife?: number | null = null;
}

/** One transform of a list that is applied in order. */
export class ScalingStepDto {
  /** A name from the catalogue. */
  transform!: string;

  /** Parameters that differ from its own defaults; the catalogue declares their names and ranges. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'number' } })
  parameters?: Record<string, ParameterValue>;
}

/**
 * Transforms, fitted on the train part only. A name from the catalogue, or a list that is applied in order, such as
 * `["log", "difference", "standard"]` or `[{"transform": "difference", "parameters": {"lag": 24}}, "standard"]`.
 */
export class ScalingParametersDto {
  /** Transforms of the input columns. Feature columns are scaled only: logarithms, differences and trends pass them by. */
  @Omissible()
  @IsTransformChain()
  inputs?: string | (string | ScalingStepDto)[] = 'standard';

  /** Transforms of the targets; forecasts go back through them. Scores and baselines are of the original values. */
  @Omissible()
  @IsTransformChain()
  targets?: string | (string | ScalingStepDto)[] = 'standard';
}

/** What learns. */
export class AlgorithmParametersDto {
  /** Name of an algorithm from the catalogue. */
  @Omissible()
  @IsNotEmpty()
  @IsString()
  name?: string = 'ridge';

  /** Hyperparameters that differ from the algorithm's own defaults; the catalogue declares their names and ranges. */
  @Omissible()
  @IsParameterValues()
  hyperparameters?: Record<string, ParameterValue> = {};
}

/**
 * A trained model to go on from, by its registered version or by its execution; neither: weights begin at random. It
 * must be of the same algorithm, read and forecast the same, and have the same layers. Its scaling is kept, since that is
 * what its weights have learned to read.
 */
export class WarmStartParametersDto {
  /** A registered model. */
  @IsOptional()
  @IsNotEmpty()
  @IsString()
  model?: string | null = null;

  /** Its version; null: the newest, which the start of an execution fixes. */
  @IsOptional()
  @IntegerIn(1, 100_000_000)
  version?: number | null = null;

  /** Id of an execution that has succeeded, or was stopped by its budget. */
  @IsOptional()
  @IsNotEmpty()
  @IsString()
  execution?: string | null = null;
}

/** How training is run. */
export class TrainingParametersDto {
  /** Start of every random sequence: the same seed on the same data gives the same model bytes. */
  @Omissible()
  @IntegerIn(0, 4_294_967_295)
  seed?: number = 42;

  /** Tensor engine of networks; `auto` takes the fastest that runs here. */
  @Omissible()
  @IsIn(['auto', 'onnx', 'onnx-web', 'tfjs-node', 'tfjs-wasm'])
  engine?: 'auto' | 'onnx' | 'onnx-web' | 'tfjs-node' | 'tfjs-wasm' = 'auto';

  /** Training stops after this long and keeps its best weights. Seconds; null: no limit. */
  @IsOptional()
  @NumberIn(1, 31_536_000)
  maxRuntimeSeconds?: number | null = null;

  /** Epochs between two checkpoints, from which an interrupted training goes on; three seconds at least. */
  @Omissible()
  @IntegerIn(1, 10_000)
  checkpointEveryEpochs?: number = 5;

  /** Begin with the weights of a trained model (fine-tuning). */
  @Omissible()
  @ValidateNested()
  @Type(() => WarmStartParametersDto)
  warmStart?: WarmStartParametersDto = new WarmStartParametersDto();
}

/** What scores are compared with. */
export class EvaluationParametersDto {
  /** Rows of the season that the seasonal-naive baseline repeats. Null: inferred from the step of the data. */
  @IsOptional()
  @IntegerIn(1, 1_000_000)
  seasonLength?: number | null = null;

  /**
   * Scores the direction of forecasts too: up, flat or down from the last known row to each forecast row. Changes over
   * h steps are flat up to this many times their root mean square in the train part; 0: only equal values are. Null:
   * directions are not scored; under the task direction, where they always are, it counts as 0.
   */
  @IsOptional()
  @NumberIn(0, 10)
  directionThreshold?: number | null = null;

  /**
   * Coverages of the intervals around forecasts: each holds the value with this probability. From the algorithm's own
   * quantiles where it has some, otherwise from its errors on the validation part, which needs 2 / (1 − coverage) − 1
   * windows for that. An empty list: no intervals.
   */
  @Omissible()
  @IsCoverageList()
  intervals?: number[] = [0.8, 0.95];
}

/** Where the result goes. */
export class RegistrationParametersDto {
  /** Model group the result is registered in: letters, digits and inner hyphens, at most 63. Null: the template's. */
  @IsOptional()
  @Matches(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/, {
    message: 'model must be letters, digits and inner hyphens, at most 63 of them',
  })
  @IsString()
  model?: string | null = null;
}
