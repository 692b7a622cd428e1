import type { RowRange } from '../processing/processing-plan.js';
import { getTransform } from '../transforms/transforms.js';
import { forecastPanel, type PanelStyle, type TargetLines } from './forecast-panel.js';
import type { ForecastPicture } from './forecast-picture.js';
import { forecastTitle } from './forecast-title.js';
import { usualSpacing, type LineSource } from './line-points.js';
import { CONFIG, SCHEMA, type ChartSpec } from './theme.js';

/** More would be too flat to read; the title says how many are left out. */
const MAXIMUM_ASSETS = 6;
/** Of the panels together, in pixels: with title, legend and axes the picture is about 1600 × 900. */
const WIDTH = 1_440;
const HEIGHT = 660;
const PANEL_GAP = 60;
const OVERVIEW_SHARE = 0.55;
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
  const overviewShare = detail === null ? 1 : OVERVIEW_SHARE;
  const rowHeight = isSingle ? HEIGHT : Math.floor(HEIGHT / shown.length) - (detail === null ? 0 : 18);
  const size = (share: number): { width: number; height: number } =>
    isSingle
      ? { width: WIDTH, height: Math.round(HEIGHT * share) }
      : { width: Math.round((WIDTH - PANEL_GAP) * share), height: rowHeight };
  const panels = shown.map(({ asset }, target) => {
    const lines = targetLines(picture, target);
    const isLast = target === shown.length - 1;
    const column = fitted.plan.assets.find(({ id }) => id === asset)?.column ?? asset;
    const common: Pick<PanelStyle, 'times' | 'parts' | 'hasTimeLabels'> = {
      times: data.times,
      parts,
      hasTimeLabels: isLast,
    };
    const valueTitle = column === asset ? asset : `${asset} · ${column}`;
    const overview = forecastPanel(lines, {
      ...common,
      ...size(overviewShare),
      rows: { start: 0, end: data.times.length },
      isApart: false,
      strokeWidth: 1.2,
      valueTitle,
      timeTitle: isLast && (!isSingle || detail === null) ? 'time (UTC)' : null,
    });
    if (detail === null) return [overview];
    const detailed = forecastPanel(lines, {
      ...common,
      ...size(1 - OVERVIEW_SHARE),
      rows: detail,
      isApart: data.horizon >= APART_FROM_HORIZON,
      strokeWidth: 1.8,
      valueTitle: isSingle ? valueTitle : null,
      timeTitle: isLast ? 'time (UTC)' : null,
    });
    return [overview, detailed];
  });
  return {
    $schema: SCHEMA,
    ...forecastTitle(picture, fitted.targets.length - shown.length),
    config: CONFIG,
    padding: 20,
    spacing: isSingle ? 30 : 18,
    resolve: { legend: { color: 'shared', fill: 'shared' } },
    vconcat: isSingle ? panels[0]! : panels.map((hconcat) => ({ hconcat, spacing: PANEL_GAP })),
  };
}

function targetLines({ data, fitted, traces }: ForecastPicture, target: number): TargetLines {
  const { transform, state } = fitted.targets[target]!;
  const observed = data.targets.observed[target]!;
  const original = getTransform(transform).inverse(data.targets.columns[target]!, state);
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
    origins: traces.flatMap((trace) => [...trace.origins]),
  };
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
