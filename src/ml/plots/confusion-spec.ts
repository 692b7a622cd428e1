import type { PartDirections } from '../evaluation/direction-report.js';
import { countText } from '../evaluation/score-text.js';
import { DIRECTIONS } from '../windows/direction-labels.js';
import { directionScores, directionTitle } from './direction-title.js';
import { COLOURS, CONFIG, SCHEMA, type ChartSpec } from './theme.js';

const SIDE = 560;

/**
 * What came against what was likeliest: counts, and their share of the row, which is also the shade. Up stands at the
 * top, as in a chart of the values.
 */
export function confusionSpec(algorithm: string, part: PartDirections): ChartSpec {
  const { confusion, accuracy } = part.model;
  const values = DIRECTIONS.flatMap((actual, row) => {
    const total = confusion[row]!.reduce((sum, count) => sum + count, 0);
    return DIRECTIONS.map((likeliest, column) => {
      const count = confusion[row]![column]!;
      const share = total === 0 ? 0 : count / total;
      return {
        actual,
        likeliest,
        share,
        label: [countText(count), total === 0 ? '–' : `${Math.round(100 * share)} %`],
      };
    });
  });
  const axis = { labelFontSize: 15, titleFontSize: 15, ticks: false, labelAngle: 0 };
  return {
    $schema: SCHEMA,
    title: {
      text: directionTitle(algorithm, 'directions', part),
      subtitle: [
        directionScores(part),
        `The likeliest direction came in ${percent(accuracy)} of ${countText(part.count)} changes; always saying the most frequent one of the train part: ${percent(part.trainShares.accuracy)}`,
      ],
    },
    config: CONFIG,
    padding: 20,
    width: SIDE,
    height: SIDE,
    data: { values },
    encoding: {
      x: {
        field: 'likeliest',
        type: 'nominal',
        sort: [...DIRECTIONS],
        axis: { ...axis, title: 'likeliest direction' },
      },
      y: {
        field: 'actual',
        type: 'nominal',
        sort: [...DIRECTIONS].reverse(),
        axis: { ...axis, title: 'direction that came', minExtent: 52 },
      },
    },
    layer: [
      {
        mark: { type: 'rect', stroke: '#ffffff', strokeWidth: 3 },
        encoding: {
          color: {
            field: 'share',
            type: 'quantitative',
            scale: { domain: [0, 1], range: ['#eef0f3', COLOURS.validationLoss] },
            legend: null,
          },
        },
      },
      {
        mark: { type: 'text', fontSize: 20, lineHeight: 26, baseline: 'middle', dy: -12 },
        encoding: {
          text: { field: 'label' },
          color: { condition: { test: 'datum.share > 0.55', value: '#ffffff' }, value: COLOURS.ink },
        },
      },
    ],
  };
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
