import type { TopLevelSpec } from 'vega-lite';

/** A chart as plain Vega-Lite JSON: the same object is drawn to a file and in a browser. */
export type ChartSpec = TopLevelSpec;

export const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.json';

/**
 * Colours of Okabe and Ito, "Color Universal Design" (2008), distinguishable with every kind of colour blindness. The
 * parts have tints of the same hues that also differ in lightness; `SHADE_OPACITY` lets the grid through them.
 */
export const COLOURS = {
  actual: '#2b3038',
  forecast: '#d55e00',
  validationLoss: '#0072b2',
  train: '#eef0f3',
  validation: '#c4e0f3',
  test: '#fbe6ad',
  gap: '#b4bac4',
  gapLine: '#7b3f9e',
  ink: '#1f2430',
  faint: '#5f6774',
  grid: '#d3d7dd',
} as const;

export const SHADE_OPACITY = 0.65;

/** The first family is the one that pictures are rendered with; the others are for browsers. */
const FONT = 'DejaVu Sans, Verdana, sans-serif';

export const CONFIG: NonNullable<ChartSpec['config']> = {
  font: FONT,
  background: '#ffffff',
  view: { stroke: null },
  axis: {
    labelFontSize: 13,
    titleFontSize: 14,
    titleFontWeight: 'normal',
    labelColor: COLOURS.ink,
    titleColor: COLOURS.ink,
    gridColor: COLOURS.grid,
    domain: false,
    tickColor: COLOURS.grid,
    titlePadding: 10,
  },
  // All value axes are equally wide, so that panels stand in line.
  axisY: { minExtent: 52, maxExtent: 52, ticks: false, labelPadding: 6 },
  axisX: { grid: false },
  legend: {
    orient: 'top',
    direction: 'horizontal',
    labelFontSize: 14,
    labelColor: COLOURS.ink,
    symbolSize: 260,
    symbolStrokeWidth: 3,
    columnPadding: 22,
    padding: 8,
    offset: 4,
  },
  title: {
    anchor: 'start',
    fontSize: 21,
    fontWeight: 'bold',
    color: COLOURS.ink,
    subtitleFontSize: 14,
    subtitleColor: COLOURS.faint,
    subtitlePadding: 8,
    subtitleLineHeight: 19,
    offset: 14,
  },
};
