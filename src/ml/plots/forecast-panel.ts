import type { PartRows, RowRange } from '../processing/processing-plan.js';
import { timeTicks, VALUE_LABEL } from './axes.js';
import { rowSpans } from './row-spans.js';
import { linePoints, lonePoints, type LinePoint, type LineSource } from './line-points.js';
import { COLOURS, SHADE_OPACITY, type ChartSpec } from './theme.js';

export type Panel = Extract<ChartSpec, { vconcat: unknown }>['vconcat'][number];
type Layer = Extract<Panel, { layer: unknown }>['layer'][number];
type Encoding = NonNullable<Extract<Layer, { mark: unknown }>['encoding']>;

/** What is drawn of one target, in original units. */
export interface TargetLines {
  readonly actual: LineSource;
  /** Missing rows of the actual line that are still drawn through. */
  readonly bridgedRows: number;
  /** All forecasts as one line, and each alone. */
  readonly forecast: LineSource;
  readonly forecasts: readonly LineSource[];
  /** Runs of missing rows that are masked. */
  readonly largeGaps: readonly RowRange[];
  /** Last row that each of the forecasts knows. */
  readonly origins: readonly number[];
  /** Intervals around the forecasts, by any order; each in stretches of one forecast. */
  readonly bands: readonly Band[];
}

/** The interval of one row. */
export interface Band {
  readonly row: number;
  readonly lower: number;
  readonly upper: number;
  /** Tells apart what is not drawn as one area: forecasts and coverages. */
  readonly stretch: string;
}

export interface PanelStyle {
  readonly times: Float64Array;
  readonly parts: PartRows;
  /** Rows shown. */
  readonly rows: RowRange;
  readonly width: number;
  readonly height: number;
  /** Each forecast apart from its neighbours, and a mark at its origin. */
  readonly isApart: boolean;
  /** So many origins are marked at most, none if there are more; absent means 16. */
  readonly maximumMarks?: number;
  /** Draws the intervals around forecasts. */
  readonly hasBands: boolean;
  readonly strokeWidth: number;
  /** Above the panel; null for none. */
  readonly title: string | null;
  readonly valueTitle: string | null;
  readonly timeTitle: string | null;
  readonly hasTimeLabels: boolean;
}

/** Pixel columns that a line is thinned out to: at most twice as many points. */
const MAXIMUM_COLUMNS = 1_000;
const MAXIMUM_ORIGIN_MARKS = 16;
const PANEL_TITLE = { fontSize: 14, offset: 6, limit: 700 };
const OVERVIEW_OPACITY = { actual: 1, forecast: 0.8 } as const;
const GAP_OPACITY = 0.75;
const BAND_OPACITY = 0.16;
const PARTS = ['train', 'validation', 'test'] as const;

/**
 * One coordinate system: parts as shades, origins as dotted rules, the actual line, the forecast line over it.
 * Everything is cut to the rows shown and lies in the domain of the values, so nothing is clipped, and only fills and
 * strokes are transparent: a clipped or a transparent layer is drawn on a sheet of its own, which took two thirds of the
 * time to draw the picture.
 */
export function forecastPanel(lines: TargetLines, style: PanelStyle): Panel {
  const { times, rows, width, height, isApart, strokeWidth } = style;
  const span = timeSpan(style);
  const actual = linePoints(within(lines.actual, rows), { ...span, bridgedRows: lines.bridgedRows });
  const forecasts = (isApart ? lines.forecasts : [lines.forecast]).map((line) =>
    linePoints(within(line, rows), { ...span, bridgedRows: 0 }),
  );
  const origins = lines.origins.filter((origin) => origin >= rows.start && origin < rows.end);
  // The actual line states axis and domain for all layers: beside an x2, Vega-Lite reads a domain of times as numbers.
  const x: Encoding['x'] = { field: 't', type: 'temporal', scale: { type: 'utc' } };
  return {
    ...(style.title === null ? {} : { title: { text: style.title, ...PANEL_TITLE } }),
    width,
    height,
    layer: [
      shadeLayer(style, x),
      ...(lines.largeGaps.length === 0 ? [] : [gapLayer(lines.largeGaps, style, x)]),
      ...(isApart && origins.length <= (style.maximumMarks ?? MAXIMUM_ORIGIN_MARKS)
        ? [originLayer(origins, times, x)]
        : []),
      ...(style.hasBands && lines.bands.length > 0 ? [bandLayer(lines.bands, style, x)] : []),
      ...lineLayers(actual, 'actual', strokeWidth, timeAxis(style, span), style),
      ...lineLayers(joined(forecasts), 'forecast', isApart ? strokeWidth + 0.6 : strokeWidth, x, style),
    ],
  };
}

/** The time range of the rows shown, and the pixel columns it is divided into. */
export function timeSpan({ times, rows, width }: PanelStyle) {
  return {
    columns: Math.min(MAXIMUM_COLUMNS, Math.floor(width)),
    from: times[rows.start]!,
    to: times[rows.end - 1]!,
  };
}

export function timeAxis(
  { width, timeTitle, hasTimeLabels }: PanelStyle,
  { from, to }: { readonly from: number; readonly to: number },
): Encoding['x'] {
  return {
    field: 't',
    type: 'temporal',
    scale: { type: 'utc', domain: [from, to], nice: false },
    axis: { title: timeTitle, ...timeTicks(to - from, width), labelOverlap: true, labels: hasTimeLabels },
  };
}

function valueAxis({ height, valueTitle }: PanelStyle): Encoding['y'] {
  return {
    field: 'v',
    type: 'quantitative',
    scale: { zero: false, nice: true },
    axis: {
      title: valueTitle,
      titleLimit: height,
      labelExpr: VALUE_LABEL,
      tickCount: Math.max(3, Math.floor(height / 60)),
    },
  };
}

/** The parts as time ranges that touch, cut to the rows shown. */
function shadeLayer({ times, parts, rows }: PanelStyle, x: Encoding['x']): Layer {
  const values = PARTS.flatMap((part) => {
    const start = Math.max(parts[part].start, rows.start);
    const end = Math.min(parts[part].end, rows.end - 1);
    return start < end ? [{ part, t: times[start]!, end: times[end]! }] : [];
  });
  return {
    data: { values },
    mark: { type: 'rect', fillOpacity: SHADE_OPACITY },
    encoding: {
      x,
      x2: { field: 'end' },
      fill: {
        field: 'part',
        type: 'nominal',
        scale: { domain: [...PARTS], range: PARTS.map((part) => COLOURS[part]) },
        legend: { title: null, symbolType: 'square', symbolStrokeColor: COLOURS.grid, symbolStrokeWidth: 1 },
      },
    },
  };
}

function gapLayer(gaps: readonly RowRange[], { times, rows }: PanelStyle, x: Encoding['x']): Layer {
  return {
    data: { values: rowSpans(gaps, times, rows) },
    mark: { type: 'rect', clip: true, fill: COLOURS.gap, fillOpacity: GAP_OPACITY },
    encoding: { x, x2: { field: 'end' } },
  };
}

function bandLayer(bands: readonly Band[], style: PanelStyle, x: Encoding['x']): Layer {
  const { times, rows } = style;
  const values = bands
    .filter(({ row }) => row >= rows.start && row < rows.end)
    .map(({ row, lower, upper, stretch }) => ({ t: times[row]!, v: lower, upper, s: stretch }));
  return {
    data: { values },
    mark: { type: 'area', color: COLOURS.forecast, opacity: 1, fillOpacity: BAND_OPACITY },
    encoding: { x, y: valueAxis(style), y2: { field: 'upper' }, detail: { field: 's', type: 'nominal' } },
  };
}

function originLayer(origins: readonly number[], times: Float64Array, x: Encoding['x']): Layer {
  return {
    data: { values: origins.map((origin) => ({ t: times[origin]! })) },
    mark: { type: 'rule', color: COLOURS.faint, strokeDash: [3, 4] },
    encoding: { x },
  };
}

function lineLayers(
  points: readonly LinePoint[],
  name: 'actual' | 'forecast',
  strokeWidth: number,
  x: Encoding['x'],
  style: PanelStyle,
): Layer[] {
  const y = valueAxis(style);
  const color: Encoding['color'] = {
    datum: name,
    type: 'nominal',
    scale: { domain: ['actual', 'forecast'], range: [COLOURS.actual, COLOURS.forecast] },
    legend: { title: null, symbolType: 'stroke', symbolOpacity: 1 },
  };
  const lone = lonePoints(points);
  const line: Layer = {
    data: { values: points.map((point) => ({ ...point })) },
    // In the overview the actual line shows through dense forecasts.
    mark: {
      type: 'line',
      strokeOpacity: style.isApart ? 1 : OVERVIEW_OPACITY[name],
      strokeWidth,
      strokeJoin: 'round',
      strokeCap: 'round',
    },
    encoding: { x, y, detail: { field: 's', type: 'nominal' }, color },
  };
  const dots: Layer = {
    data: { values: lone.map((point) => ({ ...point })) },
    mark: { type: 'point', filled: true, size: (strokeWidth + 2) ** 2, opacity: 1 },
    encoding: { x, y, color },
  };
  return lone.length === 0 ? [line] : [line, dots];
}

/** The points of a line in the rows shown. */
export function within({ rows, times, values }: LineSource, { start, end }: RowRange): LineSource {
  const first = firstAtLeast(rows, start);
  const last = firstAtLeast(rows, end);
  return { rows: rows.slice(first, last), times: times.slice(first, last), values: values.slice(first, last) };
}

function firstAtLeast(rows: Int32Array, row: number): number {
  const at = rows.findIndex((candidate) => candidate >= row);
  return at < 0 ? rows.length : at;
}

/** Several lines as one, each in stretches of its own. */
function joined(lines: readonly (readonly LinePoint[])[]): LinePoint[] {
  let stretches = 0;
  return lines.flatMap((points) => {
    const before = stretches;
    stretches += (points[points.length - 1]?.s ?? -1) + 1;
    return points.map((point) => ({ ...point, s: before + point.s }));
  });
}
