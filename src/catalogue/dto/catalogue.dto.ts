import { ApiProperty } from '@nestjs/swagger';
import { TASKS, type Task } from '../../ml/algorithms/algorithms.js';

const ANY_VALUE = {
  oneOf: [{ type: 'number' }, { type: 'boolean' }, { type: 'string' }, { type: 'array', items: { type: 'number' } }],
};

/** One declared parameter: enough to validate it, draw its form and search it. */
export class ParameterDto {
  name!: string;

  /** `integers` and `numbers` are lists. */
  kind!: 'integer' | 'number' | 'boolean' | 'choice' | 'text' | 'integers' | 'numbers';

  /** The value where none is given. */
  @ApiProperty(ANY_VALUE)
  default!: number | boolean | string | readonly number[];

  description!: string;

  /** Smallest value, for numbers and elements of lists. */
  minimum?: number;

  /** Largest value, for numbers and elements of lists. */
  maximum?: number;

  /** How its range is searched and drawn; for numbers. */
  scale?: 'linear' | 'log';

  /** Unit of the value, for example `rows`; for numbers. */
  unit?: string;

  /** The values of a `choice`. */
  @ApiProperty({ type: [String], required: false })
  values?: readonly string[];

  /** Regular expression that a `text` matches. */
  pattern?: string;

  /** Fewest elements of a list. */
  minimumLength?: number;

  /** Most elements of a list. */
  maximumLength?: number;
}

export class AlgorithmDto {
  /** What `algorithm.name` of a template takes. */
  name!: string;

  title!: string;

  description!: string;

  family!: 'baseline' | 'statistical' | 'linear' | 'trees' | 'neural' | 'ensemble' | 'imported';

  /** False: it reads the series of the targets only. */
  usesFeatures!: boolean;

  /** False: all train windows count alike, and `windows.halfLife` of a template changes nothing. */
  usesWeights!: boolean;

  /** False: it reads nothing of the rows it forecasts, and `features.knownFuture` of a template changes nothing. */
  usesKnownFuture!: boolean;

  /** What `task` of a template may be with it. */
  @ApiProperty({ enum: TASKS, isArray: true })
  tasks!: Task[];

  /** True: a training can begin with the weights of a trained model, see `training.warmStart` of a template. */
  startsWarm!: boolean;

  /** What `algorithm.hyperparameters` of a template takes. */
  hyperparameters!: ParameterDto[];
}

export class FeatureStepDto {
  name!: string;

  title!: string;

  description!: string;

  /** Counts up when the numbers that the step gives change. */
  codeVersion!: number;

  /** What its columns are made of: one asset, the time axis alone (made once), or an asset and a reference asset. */
  scope!: 'asset' | 'axis' | 'pair';

  /** Columns that an asset must have besides its main one, with the default parameters. */
  requiredColumns!: string[];

  /** Columns it makes with the default parameters, without the asset's name. */
  columns!: string[];

  /** Rows before its first complete value, with the default parameters. */
  warmUpRows!: number;

  parameters!: ParameterDto[];
}

export class TransformDto {
  /** What `scaling.inputs` and `scaling.targets` of a template take, alone or in a list that is applied in order. */
  name!: string;

  title!: string;

  description!: string;

  /** `element-wise`: each value by itself; `positional`: with the values before it, or the time it stands at. */
  @ApiProperty({ enum: ['element-wise', 'positional'] })
  kind!: 'element-wise' | 'positional';

  /** `series`: feature columns are passed by. */
  @ApiProperty({ enum: ['any', 'series'] })
  appliesTo!: 'any' | 'series';

  parameters!: ParameterDto[];
}

export class AlgorithmListDto {
  items!: AlgorithmDto[];
}

export class FeatureStepListDto {
  items!: FeatureStepDto[];
}

export class TransformListDto {
  items!: TransformDto[];
}
