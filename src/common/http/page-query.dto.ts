import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';

/** Query parameters of every list. */
export class PageQuery {
  /** At most this many items. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(500)
  limit?: number = 50;

  /** The `cursor` of the page before. */
  @IsOptional()
  @IsString()
  cursor?: string;
}
