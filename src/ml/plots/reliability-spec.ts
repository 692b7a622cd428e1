import type { PartDirections } from '../evaluation/direction-report.js';
import { countText } from '../evaluation/score-text.js';
import { directionScores, directionTitle } from './direction-title.js';
import { COLOURS, CONFIG, SCHEMA, type ChartSpec } from './theme.js';

const WIDTH = 760;

/**
 * How often the likeliest direction came where the model was how sure: on the diagonal a model means what it says, below
 * it is too sure. Under it, how many changes there are of each confidence.
 */
export function reliabilitySpec(algorithm: string, part: PartDirections): ChartSpec {
  const { reliability, calibrationError } = part.model;
  const bins = reliability.map(({ from, to, count, confidence, hitRate }) => ({
    from,
    to,
    count,
    confidence,
    hitRate,
  }));
  const x = {
    type: 'quantitative' as const,
    scale: { domain: [0, 1] },
    axis: { format: '.0%', grid: true, tickCount: 10 },
  };
  return {
    $schema: SCHEMA,
    title: {
      text: directionTitle(algorithm, 'reliability', part),
      subtitle: [
        directionScores(part),
        `Expected calibration error ${(100 * calibrationError).toFixed(1)} % over ${countText(part.count)} changes; the dashed line is a model that means what it says`,
      ],
    },
    config: CONFIG,
    padding: 20,
    spacing: 18,
    vconcat: [
      {
        width: WIDTH,
        height: 480,
        layer: [
          {
            data: {
              values: [
                { at: 0, ideal: 0 },
                { at: 1, ideal: 1 },
              ],
            },
            mark: { type: 'line', strokeDash: [6, 5], color: COLOURS.faint, strokeWidth: 1.5 },
            encoding: {
              x: { ...x, field: 'at', axis: { ...x.axis, title: null, labels: false } },
              y: { field: 'ideal', type: 'quantitative' },
            },
          },
          {
            data: { values: bins },
            mark: { type: 'line', color: COLOURS.validationLoss, strokeWidth: 2.2, point: { size: 90, filled: true } },
            encoding: {
              x: { ...x, field: 'confidence', axis: { ...x.axis, title: null, labels: false } },
              y: {
                field: 'hitRate',
                type: 'quantitative',
                scale: { domain: [0, 1] },
                axis: { title: 'share that came', format: '.0%', tickCount: 10 },
              },
            },
          },
        ],
      },
      {
        width: WIDTH,
        height: 120,
        data: { values: bins },
        mark: { type: 'bar', color: COLOURS.gap },
        encoding: {
          x: { ...x, field: 'from', axis: { ...x.axis, title: 'probability of the likeliest direction' } },
          x2: { field: 'to' },
          y: { field: 'count', type: 'quantitative', axis: { title: 'changes', tickCount: 3 } },
          y2: { datum: 0 },
        },
      },
    ],
  };
}
