import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { IsSeriesMap, seriesFault } from './is-series-map.js';

/** Of a window, in every dialect. */
export const MAXIMUM_ROWS = 100_000;

/** Rows to forecast after, in original units. */
export class ForecastWindow {
  /** ISO 8601, ascending: a date, or a date and a time with its zone. At least as many as the model looks back on. */
  @IsArray()
  @ArrayMaxSize(MAXIMUM_ROWS)
  @IsString({ each: true })
  times!: string[];

  /** For each of the model's assets, one value a time; null where missing. */
  @IsSeriesMap()
  series!: Record<string, (number | null)[]>;
}

/** Values that are known in advance, in original units. */
export class ForecastFuture {
  /** ISO 8601, ascending, all after the last row that is forecast from. */
  @IsArray()
  @ArrayMaxSize(MAXIMUM_ROWS)
  @IsString({ each: true })
  times!: string[];

  /** For each of the assets that the model knows in advance, one value a time; null where missing. */
  @IsSeriesMap()
  series!: Record<string, (number | null)[]>;
}

/** What to forecast after. An empty body means the newest rows of the model's dataset. */
export class ForecastRequest {
  /** Rows of the caller; without them the newest of the dataset. */
  @IsOptional()
  @ValidateNested()
  @Type(() => ForecastWindow)
  window?: ForecastWindow;

  /**
   * Rows of the model's known-future assets at the times that are forecast. Without them those of the dataset count, or
   * those of the window after the last value of its other assets.
   */
  @IsOptional()
  @ValidateNested()
  @Type(() => ForecastFuture)
  future?: ForecastFuture;

  /** Steps to answer, at most those the model was trained for; without it all of them. The whole is stored. */
  @IsOptional()
  @IsInt()
  @Min(1)
  horizon?: number;

  /** Targets to answer, in this order; without it all of the model's. The whole is stored. */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(10_000)
  @ArrayUnique()
  @IsString({ each: true })
  assets?: string[];

  /**
   * Quantiles to answer, by level: the ends of the model's intervals, (1 − coverage) / 2 and (1 + coverage) / 2, and 0.5,
   * the point forecast, which is the median where the model has quantiles of its own.
   */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @ArrayUnique()
  @IsNumber({}, { each: true })
  @Min(0, { each: true })
  @Max(1, { each: true })
  quantiles?: number[];

  /** The variant that is to answer; without it one is chosen, by `inferenceId` or at random, by their weights. */
  @IsOptional()
  @IsString()
  @MaxLength(63)
  targetVariant?: string;

  /** The caller's own name for the request, kept with the prediction; requests of one id get the same variant. */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(64)
  inferenceId?: string;

  /** See `RecognisingDto`: a body of nothing but rows. */
  static fits(body: unknown): boolean {
    return isPlain(body) && Object.entries(body).every(([name, value]) => ROWS.has(name) && fitsAsRows(value));
  }
}

const ROWS = new Set(['window', 'future']);

function fitsAsRows(value: unknown): boolean {
  if (!isPlain(value) || Object.keys(value).length !== 2) return false;
  const { times, series } = value;
  return (
    Array.isArray(times) &&
    times.length <= MAXIMUM_ROWS &&
    times.every((time) => typeof time === 'string') &&
    isPlain(series) &&
    seriesFault(series) === null
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
