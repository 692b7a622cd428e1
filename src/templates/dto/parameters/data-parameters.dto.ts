import { IsIn, IsNotEmpty, IsOptional, IsString } from 'class-validator';
import { AGGREGATIONS, type Aggregation } from '../../../ml/frame/resample.js';
import { IntegerIn, IsAssetSelection, IsNameList, IsStep, IsUtcTime, Omissible } from './field-rules.js';

/** Which rows and columns of which dataset. */
export class DataParametersDto {
  /** Id of the dataset. */
  @IsNotEmpty()
  @IsString()
  datasetId!: string;

  /** Version of the dataset. Null: the newest at the start of an execution, which is then frozen into it. */
  @IsOptional()
  @IntegerIn(1, 1_000_000_000)
  datasetVersion?: number | null = null;

  /** Ids of the assets to forecast, in output order. */
  @IsNameList('asset ids')
  targets!: string[];

  /** Assets whose series are input: `all` of the dataset, or a list. The targets always are. */
  @Omissible()
  @IsAssetSelection(['all'])
  baseAssets?: 'all' | string[] = 'all';

  /** Column of each asset that is forecast and that features are made of. Null: its only column, or its first. */
  @IsOptional()
  @IsNotEmpty()
  @IsString()
  column?: string | null = null;

  /** Times of the common axis: those of any asset (`union`), of the targets, or those that all assets share. */
  @Omissible()
  @IsIn(['union', 'targets', 'intersection'])
  join?: 'union' | 'targets' | 'intersection' = 'union';

  /**
   * Step of a regular grid that the series are put on, so that holes become missing rows: an ISO 8601 duration such as
   * `PT10M`, or seconds. `auto`: irregular data is, with the step inferred from its train part; regular data keeps its
   * times. Null: all data does. A value of the grid is made of what came in its period and is known at the period's end.
   */
  @IsOptional()
  @IsStep()
  step?: string | number | null = 'auto';

  /** How the values of one step of the grid become one. Not used where times stay as they are. */
  @Omissible()
  @IsIn(AGGREGATIONS)
  aggregation?: Aggregation = 'mean';

  /** Rows before this time are left out. ISO 8601; null: from the first row. */
  @IsOptional()
  @IsUtcTime()
  start?: string | null = null;

  /** Rows after this time are left out. ISO 8601; null: to the last row. */
  @IsOptional()
  @IsUtcTime()
  end?: string | null = null;
}
