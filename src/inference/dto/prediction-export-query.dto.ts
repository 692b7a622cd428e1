import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsOptional, IsString } from 'class-validator';
import { ExportQuery } from '../../common/http/index.js';

/** Query parameters of an export of predictions. */
export class PredictionExportQuery extends ExportQuery {
  /** Ids of the assets: `a,b`, or repeated. Default: all. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value))
  @IsArray()
  @ArrayMaxSize(10_000)
  @IsString({ each: true })
  assets?: string[];
}
