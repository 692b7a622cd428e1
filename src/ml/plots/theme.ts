import type { TopLevelSpec } from 'vega-lite';

/** A chart as plain Vega-Lite JSON: the same object is drawn to a file and in a browser. */
export type ChartSpec = TopLevelSpec;

export const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.json';

/**
 * Colours of Okabe and Ito, "Color Universal Design" (2008), distinguishable with every kind of colour blindness; the
 * tints of the parts are the same hues, thinned, and differ in lightness too.
 */
export const COLOURS = {
  actual: '#33383f',
  forecast: '#d55e00',
  validationLoss: '#0072b2',
  train: '#f3f4f6',
  validation: '#d9ecf8',
  test: '#fdf0c9',
  ink: '#1f2430',
  faint: '#6b7280',
  grid: '#dfe2e6',
  frame: '#c9cdd3',
} as const;

/** The first family is the one that pictures are rendered with; the others are for browsers. */
const FONT = 'DejaVu Sans, Verdana, sans-serif';

export const CONFIG: NonNullable<ChartSpec['config']> = {
  font: FONT,
  background: '#ffffff',
  view: { stroke: COLOURS.frame },
  axis: {
    labelFontSize: 13,
    titleFontSize: 14,
    titleFontWeight: 'normal',
    labelColor: COLOURS.ink,
    titleColor: COLOURS.ink,
    gridColor: COLOURS.grid,
    domain: false,
    tickColor: COLOURS.frame,
    titlePadding: 10,
  },
  axisX: { grid: false, labelFlush: false },
  legend: {
    orient: 'top',
    direction: 'horizontal',
    labelFontSize: 14,
    labelColor: COLOURS.ink,
    symbolSize: 260,
    symbolStrokeWidth: 3,
    columnPadding: 24,
    offset: 12,
  },
  title: {
    anchor: 'start',
    fontSize: 21,
    fontWeight: 'bold',
    color: COLOURS.ink,
    subtitleFontSize: 14,
    subtitleColor: COLOURS.faint,
    subtitlePadding: 8,
    offset: 16,
  },
};
