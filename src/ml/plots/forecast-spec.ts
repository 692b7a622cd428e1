import { originalTargets } from '../processing/invert-targets.js';
import type { RowRange } from '../processing/processing-plan.js';
import { forecastPanel, type Band, type PanelStyle, type TargetLines } from './forecast-panel.js';
import type { ForecastTrace } from './forecast-trace.js';
import type { ForecastPicture } from './forecast-picture.js';
import { forecastTitle } from './forecast-title.js';
import { gapLines, largeGapsOf } from './gap-lines.js';
import { gapStrip } from './gap-strip.js';
import { usualSpacing, type LineSource } from './line-points.js';
import { CONFIG, SCHEMA, type ChartSpec } from './theme.js';

/** More would be too flat to read; the title says how many are left out. */
const MAXIMUM_ASSETS = 6;
/** Of the panels together, in pixels: with title, legend and axes the picture is about 1600 × 900. */
const WIDTH = 1_440;
const HEIGHT = 660;
/** Height of what stands between two rows of panels. */
const ROW_GAP = 26;
const OVERVIEW_SHARE = 0.55;
const STRIP_HEIGHT = 34;
const STRIP_GAP = 48;
const DETAIL_ROWS = 96;
const DETAIL_FORECASTS = 3;
/** From here on a forecast has a shape of its own and is drawn apart from its neighbours. */
const APART_FROM_HORIZON = 4;

/**
 * Forecast against actual, in original units: all data with its parts shaded, and the last forecasts in detail. One
 * target has the overview above the detail; several are rows of an overview and a detail each.
 *
 * Lines show observed values only and break where some are missing. Forecasts are those of `traceForecasts`. Every line
 * has at most 2,000 points and keeps its extremes, see `linePoints`. Time is drawn in UTC.
 */
export function forecastSpec(picture: ForecastPicture): ChartSpec {
  const { data, fitted, parts } = picture;
  const shown = fitted.targets.slice(0, MAXIMUM_ASSETS);
  const isSingle = shown.length === 1;
  const detail = detailRows(picture);
  const isApart = data.horizon >= APART_FROM_HORIZON;
  const strips = shown.map((_, target) => gapLines(picture, target));
  const gaps = {
    hasLarge: shown.some((_, target) => largeGapsOf(picture, target).length > 0),
    hasStrip: strips.some((strip) => strip !== null),
  };
  const originals = originalTargets(data, fitted);
  const panels = shown.flatMap(({ asset }, target) => {
    const lines = targetLines(picture, target, originals[target]!);
    const isLast = target === shown.length - 1;
    const column = fitted.plan.assets.find(({ id }) => id === asset)?.column ?? asset;
    const name = column === asset ? asset : `${asset} · ${column}`;
    const strip = strips[target]!;
    const room = strip === null ? 0 : STRIP_HEIGHT + STRIP_GAP;
    const style = (rows: RowRange, share: number, isDetail: boolean): PanelStyle => ({
      times: data.times,
      parts,
      rows,
      width: isSingle ? WIDTH : Math.round(WIDTH * share),
      height: (isSingle ? Math.round(HEIGHT * share) : Math.round(HEIGHT / shown.length) - ROW_GAP) - room,
      isApart: isDetail && isApart,
      hasBands: isDetail,
      strokeWidth: isDetail ? 1.8 : 1.2,
      title: isSingle ? null : isDetail ? '' : name,
      valueTitle: isSingle ? name : null,
      timeTitle: isLast && (isDetail || !isSingle || detail === null) ? 'time (UTC)' : null,
      hasTimeLabels: isLast,
    });
    const all = { start: 0, end: data.times.length };
    const styles =
      detail === null
        ? [style(all, 1, false)]
        : [style(all, OVERVIEW_SHARE, false), style(detail, 1 - OVERVIEW_SHARE, true)];
    const lined = styles.map((one) => forecastPanel(lines, one));
    if (strip === null) return lined;
    const stripped = styles.map((one) =>
      gapStrip(strip, { ...one, height: STRIP_HEIGHT, valueTitle: isSingle ? 'P(gap)' : null }),
    );
    // One column: each strip under its panel. Two: a row of strips under a row of panels.
    return isSingle ? lined.flatMap((panel, at) => [panel, stripped[at]!]) : [...lined, ...stripped];
  });
  return {
    $schema: SCHEMA,
    ...forecastTitle(picture, { leftOut: fitted.targets.length - shown.length, isApart, gaps }),
    config: CONFIG,
    padding: 20,
    spacing: { row: isSingle ? 24 : 10, column: 24 },
    resolve: { legend: { color: 'shared', fill: 'shared' } },
    columns: isSingle || detail === null ? 1 : 2,
    concat: panels,
  };
}

function targetLines({ data, fitted, traces }: ForecastPicture, target: number, original: Float64Array): TargetLines {
  const observed = data.targets.observed[target]!;
  const rows = Int32Array.from(observed.keys()).filter((row) => observed[row] === 1);
  const line = (ofRows: Int32Array, values: Float64Array): LineSource => ({
    rows: ofRows,
    times: Float64Array.from(ofRows, (row) => data.times[row]!),
    values,
  });
  const forecasts = traces.flatMap((trace) =>
    Array.from(trace.origins, (_, at) => {
      const range = [at * data.horizon, (at + 1) * data.horizon] as const;
      return line(trace.rows.slice(...range), trace.values[target]!.slice(...range));
    }),
  );
  return {
    actual: line(
      rows,
      Float64Array.from(rows, (row) => original[row]!),
    ),
    bridgedRows: 3 * usualSpacing(rows) - 1,
    forecast: line(
      Int32Array.from(traces.flatMap((trace) => [...trace.rows])),
      Float64Array.from(traces.flatMap((trace) => [...trace.values[target]!])),
    ),
    forecasts,
    largeGaps: largeGapsOf({ data, fitted }, target),
    origins: traces.flatMap((trace) => [...trace.origins]),
    bands: traces.flatMap((trace, of) => bandsOf(trace, target, data.horizon, of)),
  };
}

/** Forecasts of a few rows run into each other as one band. */
function bandsOf(trace: ForecastTrace, target: number, horizon: number, part: number): Band[] {
  return trace.intervals[target]!.flatMap(({ coverage, lower, upper }) =>
    Array.from(trace.rows, (row, at) => ({
      row,
      lower: lower[at]!,
      upper: upper[at]!,
      stretch: `${coverage}/${part}/${horizon < APART_FROM_HORIZON ? 0 : Math.floor(at / horizon)}`,
    })),
  );
}

/** Rows of the detail: the last forecasts of the latest part that has some, and a quarter as much before them. */
function detailRows({ data, traces }: ForecastPicture): RowRange | null {
  const trace = traces[traces.length - 1];
  if (trace === undefined) return null;
  const wanted = Math.max(DETAIL_ROWS, DETAIL_FORECASTS * data.horizon);
  const end = trace.rows[trace.rows.length - 1]! + 1;
  const first = trace.origins.find((origin) => origin + 1 >= end - wanted)! + 1;
  return { start: Math.max(0, first - Math.ceil((end - first) / 4)), end };
}
