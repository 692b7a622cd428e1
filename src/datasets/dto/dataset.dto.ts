import { DELIMITERS } from '../csv/csv-reader.js';
import { DUPLICATE_POLICIES, type DuplicatePolicy } from '../rows/reading.js';
import { REPORTED_TIME_FORMATS, type ReportedTimeFormat } from '../rows/time-formats.js';
import { FILE_FORMATS, type FileFormat } from '../upload/file-format.js';
import { ApiProperty } from '@nestjs/swagger';

/** A dataset and its newest version. */
export class DatasetDto {
  /** Identifier, such as `dst_01KAJ…`. */
  datasetId!: string;
  name!: string;
  description!: string;
  /** Number of the newest version, from 1. */
  newestVersion!: number;
  /** SHA-256 over the rows of the newest version: equal rows, equal hash. */
  contentHash!: string;
  /** How many assets the newest version has. */
  assets!: number;
  /** Rows of all files that were imported and appended. */
  rows!: number;
  /** Time of the first row, ISO 8601. */
  start!: string;
  /** Time of the last row, ISO 8601. */
  end!: string;
  createdAt!: string;
  /** When the newest version was made. */
  updatedAt!: string;
}

export class DatasetPageDto {
  items!: DatasetDto[];
  /** Send it as `cursor` for the next page; null on the last one. */
  @ApiProperty({ type: String, nullable: true })
  cursor!: string | null;
}

export class TimeExampleDto {
  /** The first timestamp of the file. */
  text!: string;
  /** What it was read as, ISO 8601. */
  readAs!: string;
}

export class TimeReadingDto {
  /** Column of the timestamps. */
  column!: string;
  /** Form that all timestamps have; `timestamp` where their type says what they are, as in Parquet. */
  @ApiProperty({ enum: REPORTED_TIME_FORMATS })
  format!: ReportedTimeFormat;
  /** `UTC`, the offset that all timestamps carry, such as `+02:00`, or the stated `timeZone`. */
  zone!: string;
  /** True when the timestamps name no zone, none was stated, and they were taken as UTC. */
  zoneAssumed!: boolean;
  /** With `timeZone`: rows whose local time the clocks showed twice. */
  repeatedLocalTimes?: number;
  example!: TimeExampleDto;
}

export class DuplicatesDto {
  /** What becomes of rows of one asset with one timestamp. */
  @ApiProperty({ enum: DUPLICATE_POLICIES })
  policy!: DuplicatePolicy;
  /** Rows that were merged into, or gave way to, another one of their time. */
  rows!: number;
}

/** How the last file was read. */
export class FileReadingDto {
  /** As stated, or as detected. */
  @ApiProperty({ enum: ['wide', 'long'] })
  layout!: 'wide' | 'long';
  @ApiProperty({ enum: FILE_FORMATS })
  format!: FileFormat;
  /** What stands between its fields; null where nothing does. */
  @ApiProperty({ enum: DELIMITERS, type: String, nullable: true })
  delimiter!: string | null;
  time!: TimeReadingDto;
  /** Column of the assets; null in a wide file. */
  @ApiProperty({ type: String, nullable: true })
  assetColumn!: string | null;
  /** Rows of the file. */
  rows!: number;
  duplicates!: DuplicatesDto;
}

/** Summary of the values that are there; all but the counts are null when there is none. */
export class ColumnDto {
  name!: string;
  count!: number;
  /** Rows without a value in this column. */
  missing!: number;
  @ApiProperty({ type: Number, nullable: true })
  mean!: number | null;
  /** Sample standard deviation (n − 1). */
  @ApiProperty({ type: Number, nullable: true })
  std!: number | null;
  @ApiProperty({ type: Number, nullable: true })
  min!: number | null;
  /** Quartiles interpolate linearly between neighbours. */
  @ApiProperty({ type: Number, nullable: true })
  lowerQuartile!: number | null;
  @ApiProperty({ type: Number, nullable: true })
  median!: number | null;
  @ApiProperty({ type: Number, nullable: true })
  upperQuartile!: number | null;
  @ApiProperty({ type: Number, nullable: true })
  max!: number | null;
}

export class StepDto {
  /** Months and years do not have a constant number of milliseconds. */
  @ApiProperty({ enum: ['milliseconds', 'month'] })
  unit!: 'milliseconds' | 'month';
  size!: number;
}

/** What the timestamps look like. Steps are null with fewer than two rows. */
export class AxisDto {
  /** Median difference between rows, milliseconds. */
  @ApiProperty({ type: Number, nullable: true })
  medianStepMs!: number | null;
  /** Most frequent difference between rows, milliseconds. */
  @ApiProperty({ type: Number, nullable: true })
  modeStepMs!: number | null;
  /** The inferred step. */
  @ApiProperty({ type: StepDto, nullable: true })
  step!: StepDto | null;
  /** False when the rows keep to no step; `step` is then their median difference. */
  regular!: boolean;
  /** Weekdays, 0 = Sunday, on which no rows are expected: trading days rest at weekends. */
  @ApiProperty({ type: [Number] })
  restDays!: readonly number[];
  /** Expected rows between the first and the last one that are not there; null when rows keep to no step. */
  @ApiProperty({ type: Number, nullable: true })
  missingRows!: number | null;
}

export class DatasetAssetDto {
  /** Id of the asset. */
  asset!: string;
  @ApiProperty({ type: String, nullable: true })
  assetClass!: string | null;
  @ApiProperty({ type: String, nullable: true })
  description!: string | null;
  rows!: number;
  /** Time of the first row, ISO 8601. */
  start!: string;
  /** Time of the last row, ISO 8601. */
  end!: string;
  axis!: AxisDto;
  columns!: ColumnDto[];
}

/** One immutable version. */
export class DatasetVersionDto {
  datasetId!: string;
  name!: string;
  version!: number;
  /** SHA-256 over the assets' ids, columns, times and values. */
  contentHash!: string;
  rows!: number;
  createdAt!: string;
  /** Name of the API key that made it. */
  createdBy!: string;
  reading!: FileReadingDto;
  /** All assets, by id. */
  assets!: DatasetAssetDto[];
}

export class ImportedFileDto {
  file!: string;
  @ApiProperty({ enum: FILE_FORMATS })
  format!: FileFormat;
  rows!: number;
}

export class VersionReferenceDto {
  datasetId!: string;
  name!: string;
  version!: number;
}

/** What an import or append did. */
export class ImportResultDto {
  /** Null after a dry run. */
  @ApiProperty({ type: String, nullable: true })
  datasetId!: string | null;
  name!: string;
  /** The version made; null after a dry run. */
  @ApiProperty({ type: Number, nullable: true })
  version!: number | null;
  contentHash!: string;
  /** True: nothing was stored. */
  dryRun!: boolean;
  reading!: FileReadingDto;
  /** Where there were several files. */
  files!: ImportedFileDto[];
  /** Versions that had the same rows before: equal content hashes. */
  sameContent!: VersionReferenceDto[];
  /** The assets that the file had rows for, as they are now. */
  assets!: DatasetAssetDto[];
}

export class PreviewRowDto {
  /** ISO 8601. */
  time!: string;
  /** In the order of the columns; null = missing. */
  @ApiProperty({ type: 'array', items: { type: 'number', nullable: true } })
  values!: (number | null)[];
}

export class AssetPreviewDto {
  asset!: string;
  columns!: string[];
  rows!: number;
  first!: PreviewRowDto[];
  last!: PreviewRowDto[];
}

export class PreviewDto {
  datasetId!: string;
  version!: number;
  assets!: AssetPreviewDto[];
}
