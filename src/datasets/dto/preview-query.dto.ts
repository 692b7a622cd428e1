import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { TextList } from './option-lists.js';

/** Query parameters of a preview. */
export class PreviewQuery {
  /** Rows from the start and from the end. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  rows?: number = 5;

  /** Ids of the assets to show: `a,b`, repeated, or a JSON array. Default: the first five. */
  @IsOptional()
  @TextList()
  @IsArray()
  @ArrayMaxSize(20)
  @IsString({ each: true })
  assets?: string[];
}
