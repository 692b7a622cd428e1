import type { RowRange } from '../processing/processing-plan.js';
import { linePoints, type LineSource } from './line-points.js';
import { timeAxis, timeSpan, within, type Panel, type PanelStyle } from './forecast-panel.js';
import { rowSpans } from './row-spans.js';
import { COLOURS } from './theme.js';

/** What a strip shows of one target. */
export interface GapLines {
  /** Probability that each row of the later parts is missing, from origins a horizon apart, laid end to end. */
  readonly probability: LineSource;
  /** Runs of rows without an observation. */
  readonly missing: readonly RowRange[];
}

const STROKE_WIDTH = 1.4;

/** A thin panel under a forecast: the probability of a gap as a line, and as shades where rows were missing. */
export function gapStrip({ probability, missing }: GapLines, style: PanelStyle): Panel {
  const { rows, width, height, times } = style;
  const span = timeSpan(style);
  const points = linePoints(within(probability, rows), { ...span, bridgedRows: 0 });
  return {
    width,
    height,
    layer: [
      {
        data: { values: rowSpans(missing, times, rows) },
        mark: { type: 'rect', clip: true, fill: COLOURS.gap, fillOpacity: 1 },
        encoding: { x: { field: 't', type: 'temporal', scale: { type: 'utc' } }, x2: { field: 'end' } },
      },
      {
        data: { values: points.map((point) => ({ ...point })) },
        mark: { type: 'line', clip: true, color: COLOURS.gapLine, strokeWidth: STROKE_WIDTH, strokeJoin: 'round' },
        encoding: {
          x: timeAxis({ ...style, hasTimeLabels: false, timeTitle: null }, span),
          y: {
            field: 'v',
            type: 'quantitative',
            scale: { domain: [0, 1], nice: false },
            axis: { title: style.valueTitle, titleFontSize: 12, titleLimit: 2 * height, values: [0, 1] },
          },
          detail: { field: 's', type: 'nominal' },
        },
      },
    ],
  };
}
