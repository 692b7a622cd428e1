import { ArrayMaxSize, IsArray, IsIn, IsOptional, IsString } from 'class-validator';
import { ExportQuery } from '../../common/http/index.js';
import { TextList } from './option-lists.js';

/** Query parameters of a dataset's export. */
export class DatasetExportQuery extends ExportQuery {
  /**
   * `long`: one row per time and asset, with the columns `time` and `asset`. `wide`: one row per time, a column for each
   * asset (and column of it). Default `long`.
   */
  @IsOptional()
  @IsIn(['long', 'wide'])
  layout?: 'long' | 'wide' = 'long';

  /** Ids of the assets: `a,b`, repeated, or a JSON array. Default: all. */
  @IsOptional()
  @TextList()
  @IsArray()
  @ArrayMaxSize(100_000)
  @IsString({ each: true })
  assets?: string[];
}
