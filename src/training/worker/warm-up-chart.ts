import { forecastPanel, type PanelStyle, type TargetLines } from '../../ml/plots/forecast-panel.js';
import { CONFIG, SCHEMA, type ChartSpec } from '../../ml/plots/theme.js';

const HOUR_MS = 3_600_000;
const ROWS = 24;

/** A small chart with the marks and axes of the real ones: the code that draws it is compiled when these come. */
export function warmUpChart(): ChartSpec {
  const times = Float64Array.from({ length: ROWS }, (_, row) => row * HOUR_MS);
  const rows = Int32Array.from(times.keys());
  const line = { rows, times, values: Float64Array.from(rows, (row) => Math.sin(row)) };
  const lines: TargetLines = {
    actual: line,
    bridgedRows: 0,
    forecast: line,
    forecasts: [line],
    largeGaps: [{ start: 4, end: 6 }],
    origins: [12],
    bands: Array.from(rows, (row) => ({ row, lower: -2, upper: 2, stretch: '0' })),
  };
  const style: PanelStyle = {
    times,
    parts: { train: { start: 0, end: 8 }, validation: { start: 8, end: 16 }, test: { start: 16, end: ROWS } },
    rows: { start: 0, end: ROWS },
    width: 400,
    height: 200,
    isApart: true,
    hasBands: true,
    strokeWidth: 1,
    title: null,
    valueTitle: 'value',
    timeTitle: 'time',
    hasTimeLabels: true,
  };
  return {
    $schema: SCHEMA,
    title: { text: 'title', subtitle: ['subtitle'] },
    config: CONFIG,
    resolve: { legend: { color: 'shared', fill: 'shared' } },
    columns: 1,
    concat: [forecastPanel(lines, style), forecastPanel(lines, { ...style, isApart: false, hasBands: false })],
  };
}
