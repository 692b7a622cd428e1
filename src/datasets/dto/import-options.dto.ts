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
  IsTimeZone,
  MaxLength,
} from 'class-validator';
import { NAME_LENGTH_LIMIT } from '../rows/column-mapping.js';
import { DUPLICATE_POLICIES, type DuplicatePolicy } from '../rows/reading.js';
import { TIME_FORMAT_NAMES, type TimeFormatName } from '../rows/time-formats.js';
import { UPLOAD_FORMATS, type UploadFormat } from '../upload/file-format.js';
import { IsTextMap, TextBoolean, TextList, TextMap } from './option-lists.js';

const DELIMITER_NAMES = ['auto', 'comma', 'semicolon', 'tab'] as const;
const THOUSANDS_NAMES = ['none', 'comma', 'point', 'space', 'apostrophe', 'underscore'] as const;

/** How files are read: what imports and appends have in common. */
export class ReadingOptionsDto {
  /**
   * Form of the timestamps. Without it the form is detected and stated in the answer; where day and month could be
   * swapped, it must be given. Timestamps without a zone are read as UTC.
   */
  @IsOptional()
  @IsIn(TIME_FORMAT_NAMES)
  timeFormat?: TimeFormatName;

  /**
   * Format of the files; `zip` holds files of the others. Default: by the extension of a file's name, its content type,
   * its first bytes.
   */
  @IsOptional()
  @IsIn(UPLOAD_FORMATS)
  format?: UploadFormat;

  /**
   * IANA zone of timestamps that state none, such as `Europe/Berlin`. Default: they are read as UTC. A local time that the
   * clocks skip is refused; one that they show twice is its first occurrence, or, after a row of that or a later moment,
   * its second.
   */
  @IsOptional()
  @IsTimeZone()
  timeZone?: string;

  /**
   * What becomes of rows of one asset with one timestamp: `refuse` them, keep the `first` or the `last`, or take the
   * `mean` of the values that are there, column by column. Default `refuse`; the answer counts the rows.
   */
  @IsOptional()
  @IsIn(DUPLICATE_POLICIES)
  duplicates?: DuplicatePolicy;

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

  /** What stands between groups of three digits; groups of other sizes are refused. Default `none`. */
  @IsOptional()
  @IsIn(THOUSANDS_NAMES)
  thousandsSeparator?: (typeof THOUSANDS_NAMES)[number];

  /** True: read and report everything, store nothing. */
  @IsOptional()
  @TextBoolean()
  @IsBoolean()
  dryRun?: boolean;

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

  /**
   * `wide`: one row per time. `long`: one row per time and asset, with the asset named in a column. Default: `long` where
   * `assetColumn` is stated, or where a column named asset, ticker, symbol, item_id or unique_id has names in its first
   * rows and neither `columnsAs` nor `valueColumns` is stated; otherwise `wide`. The answer's `reading` states it.
   */
  @IsOptional()
  @IsIn(['wide', 'long'])
  layout?: 'wide' | 'long';

  /**
   * Of a wide file: `assets` makes each column an asset of its own with one column, `value`; `columns` makes them the
   * columns of one asset. Default `assets`; of several files, or a zip, `columns`: each file is an asset, of its name.
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

  /** Column of the assets of a long file. Default: the first one named asset, symbol, ticker, series, sensor, item_id or unique_id. */
  @IsOptional()
  @IsString()
  assetColumn?: string;

  /**
   * Columns to import: `a,b`, repeated, or a JSON array. Default: all but the time and asset columns. Empty fields, NA,
   * N/A, #N/A, NaN, null, none, NaT, `-`, `.` and `?` are missing values; any other text is refused.
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
