import { IsIn, IsOptional } from 'class-validator';
import { TABLE_FORMATS, TABLE_ORIENTS, type TableForm } from '../tables/index.js';

/** How an export is written. */
export class ExportQuery {
  /** Default `csv`. */
  @IsOptional()
  @IsIn(TABLE_FORMATS)
  format?: TableForm['format'] = 'csv';

  /**
   * Of JSON: `records` is an array with an object a row, as danfojs takes it; `split` has `columns` and `data`, as pandas
   * takes it. Default `records`.
   */
  @IsOptional()
  @IsIn(TABLE_ORIENTS)
  orient?: TableForm['orient'] = 'records';
}

export function formOf({ format, orient }: ExportQuery): TableForm {
  return { format: format ?? 'csv', orient: orient ?? 'records' };
}
