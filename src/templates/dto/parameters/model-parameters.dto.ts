import { IsIn, IsInt, IsNotEmpty, IsNumber, IsObject, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { ApiProperty } from '@nestjs/swagger';
import type { ParameterValue } from '../../../ml/parameters.js';
import { Omissible } from './field-rules.js';

/** What a model sees and gives at once. */
export class WindowParametersDto {
  /** Rows a forecast looks back on. */
  @Omissible()
  @Max(1_000_000)
  @Min(1)
  @IsInt()
  lookBack?: number = 30;

  /** Rows it forecasts at once. */
  @Omissible()
  @Max(100_000)
  @Min(1)
  @IsInt()
  horizon?: number = 7;

  /** Rows between the origins of two train windows; validation and test windows always slide by one row. */
  @Omissible()
  @Max(100_000)
  @Min(1)
  @IsInt()
  stride?: number = 1;
}

/** Transforms, fitted on the train part only. */
export class ScalingParametersDto {
  /** Transform of the input columns: a name from the catalogue, or `none`. */
  @Omissible()
  @IsNotEmpty()
  @IsString()
  inputs?: string = 'standard';

  /** Transform of the targets: a name from the catalogue, or `none`. */
  @Omissible()
  @IsNotEmpty()
  @IsString()
  targets?: string = 'standard';
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
  @IsObject()
  @ApiProperty({
    type: 'object',
    additionalProperties: {
      oneOf: [
        { type: 'number' },
        { type: 'boolean' },
        { type: 'string' },
        { type: 'array', items: { type: 'number' } },
      ],
    },
  })
  hyperparameters?: Record<string, ParameterValue> = {};
}

/** How training is run. */
export class TrainingParametersDto {
  /** Start of every random sequence: the same seed on the same data gives the same model bytes. */
  @Omissible()
  @Max(4_294_967_295)
  @Min(0)
  @IsInt()
  seed?: number = 42;

  /** Tensor engine of networks; `auto` takes the fastest that runs here. */
  @Omissible()
  @IsIn(['auto', 'tfjs-node', 'tfjs-wasm'])
  engine?: 'auto' | 'tfjs-node' | 'tfjs-wasm' = 'auto';

  /** Training stops after this long and keeps its best weights. Seconds; null: no limit. */
  @IsOptional()
  @Max(31_536_000)
  @Min(1)
  @IsNumber()
  maxRuntimeSeconds?: number | null = null;

  /** Epochs between two checkpoints, from which an interrupted training goes on. */
  @Omissible()
  @Max(10_000)
  @Min(1)
  @IsInt()
  checkpointEveryEpochs?: number = 5;
}

/** What scores are compared with. */
export class EvaluationParametersDto {
  /** Rows of the season that the seasonal-naive baseline repeats. Null: inferred from the step of the data. */
  @IsOptional()
  @Max(1_000_000)
  @Min(1)
  @IsInt()
  seasonLength?: number | null = null;
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
