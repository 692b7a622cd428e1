import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsNotEmpty,
  IsOptional,
  IsString,
  MaxLength,
} from 'class-validator';
import { NAME_LENGTH_LIMIT } from '../csv/column-mapping.js';
import { TIME_FORMAT_NAMES, type TimeFormatName } from '../csv/time-formats.js';
import { IsTextMap, TextBoolean, TextList, TextMap } from './option-lists.js';

const DELIMITER_NAMES = ['auto', 'comma', 'semicolon', 'tab'] as const;

/** How rows of a CSV file are read: what imports and appends have in common. */
export class ReadingOptionsDto {
  /**
   * Form of the timestamps. Without it the form is detected and stated in the answer; where day and month could be
   * swapped, it must be given. Timestamps without a zone are read as UTC.
   */
  @IsOptional()
  @IsIn(TIME_FORMAT_NAMES)
  timeFormat?: TimeFormatName;

  /** `strict` refuses rows that are not in ascending time (per asset); `sort` sorts them. */
  @IsOptional()
  @IsIn(['strict', 'sort'])
  order?: 'strict' | 'sort';

  /** What stands between fields; `auto` takes the one that the header has most of. */
  @IsOptional()
  @IsIn(DELIMITER_NAMES)
  delimiter?: (typeof DELIMITER_NAMES)[number];

  /** `,` for numbers such as 1,5. */
  @IsOptional()
  @IsIn(['.', ','])
  decimalSeparator?: '.' | ',';

  /** Asset classes by asset, as a JSON object such as `{"EURUSD":"FX"}`. */
  @IsOptional()
  @TextMap()
  @IsTextMap()
  assetClasses?: Record<string, string>;

  /** Descriptions by asset, as a JSON object. */
  @IsOptional()
  @TextMap()
  @IsTextMap()
  assetDescriptions?: Record<string, string>;
}

/** Options of an import: query parameters, or fields of a form before its file. */
export class ImportOptionsDto extends ReadingOptionsDto {
  /** Name of the new dataset. */
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @IsString()
  @IsNotEmpty()
  @MaxLength(NAME_LENGTH_LIMIT)
  name!: string;

  /** What the data is and where it comes from. */
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  description?: string;

  /** Format of the data. */
  @IsOptional()
  @IsIn(['csv'])
  format?: 'csv';

  /** `wide`: one row per time. `long`: one row per time and asset, with the asset named in a column. Default `wide`. */
  @IsOptional()
  @IsIn(['wide', 'long'])
  layout?: 'wide' | 'long';

  /**
   * Of a wide file: `assets` makes each column an asset of its own with one column, `value`; `columns` makes them the
   * columns of one asset. Default `assets`.
   */
  @IsOptional()
  @IsIn(['assets', 'columns'])
  columnsAs?: 'assets' | 'columns';

  /** Id of the one asset of a wide file read with `columnsAs=columns`. Default: the dataset's name. */
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(NAME_LENGTH_LIMIT)
  asset?: string;

  /** Column of the timestamps. Default: the first one named date, time, timestamp or datetime, in any case. */
  @IsOptional()
  @IsString()
  timeColumn?: string;

  /** Column of the assets of a long file. Default: the first one named asset, symbol, ticker, series or sensor. */
  @IsOptional()
  @IsString()
  assetColumn?: string;

  /**
   * Columns to import: `a,b`, repeated, or a JSON array. Default: all but the time and asset columns. Empty fields, NA,
   * N/A, #N/A, NaN, null, none, `-`, `.` and `?` are missing values; any other text is refused.
   */
  @IsOptional()
  @TextList()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @ArrayMaxSize(100_000)
  @IsString({ each: true })
  valueColumns?: string[];

  /** Class of all assets that `assetClasses` does not name, for example FX. */
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(NAME_LENGTH_LIMIT)
  assetClass?: string;

  /** True: read and report everything, store nothing. */
  @IsOptional()
  @TextBoolean()
  @IsBoolean()
  dryRun?: boolean;
}

/** Options of an append: query parameters, or fields of a form before its file. Left out: as in the last import. */
export class AppendOptionsDto extends ReadingOptionsDto {
  /** True: the rows may name assets that the dataset does not have yet. */
  @IsOptional()
  @TextBoolean()
  @IsBoolean()
  newAssets?: boolean;

  /** Class of new assets that `assetClasses` does not name. */
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(NAME_LENGTH_LIMIT)
  assetClass?: string;
}
