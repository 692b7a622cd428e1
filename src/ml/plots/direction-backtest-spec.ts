import type { DirectionBacktestReport } from '../evaluation/backtest/direction-backtest.js';
import { countText, errorText, pValueText, skillText } from '../evaluation/score-text.js';
import { timeTicks, VALUE_LABEL } from './axes.js';
import { COLOURS, CONFIG, SCHEMA, type ChartSpec } from './theme.js';

const WIDTH = 1_440;
const HEIGHT = 440;
/** Of a single window. */
const DAY_MS = 86_400_000;
const SOURCES = ['model', 'shares of the train part'] as const;

/** The log loss of each window beside that of the shares of the train part. Null when no window was scored. */
export function directionBacktestSpec(algorithm: string, report: DirectionBacktestReport): ChartSpec | null {
  const { refit, step, windows, skipped, overall } = report;
  if (overall === null) return null;
  const { model, trainShares, skill, significance, hasSkill } = overall;
  const times = windows.map(({ cutoff }) => Date.parse(cutoff));
  const span = Math.max(DAY_MS, times[times.length - 1]! - times[0]!);
  const area = model.macroAuc === null ? '' : `, AUC ${model.macroAuc.toFixed(3)}`;
  return {
    $schema: SCHEMA,
    title: {
      text: `${algorithm}: backtest${hasSkill ? '' : ' — no skill'}`,
      subtitle: [
        `${windows.length} cut-offs ${countText(step)} rows apart, ${refit ? 'fitted anew at each cut-off' : 'the model that was fitted once'}${skipped.length === 0 ? '' : `; ${skipped.length} more were not scored`}`,
        `Log loss ${errorText(model.logLoss)} against ${errorText(trainShares.logLoss)}, skill ${skillText(skill)}${pValueText(significance)}; accuracy ${(100 * model.accuracy).toFixed(1)} %${area}`,
      ],
    },
    config: CONFIG,
    padding: 20,
    width: WIDTH,
    height: HEIGHT,
    data: {
      values: windows.flatMap((window) =>
        [window.model, window.trainShares].map((scores, at) => ({
          t: Date.parse(window.cutoff),
          logLoss: scores.logLoss,
          probabilities: SOURCES[at],
        })),
      ),
    },
    mark: { type: 'line', strokeWidth: 2.2, point: { size: 44 } },
    encoding: {
      x: {
        field: 't',
        type: 'temporal',
        scale: { type: 'utc' },
        axis: { title: 'cut-off (UTC)', ...timeTicks(span, WIDTH), labelOverlap: true },
      },
      y: {
        field: 'logLoss',
        type: 'quantitative',
        scale: { zero: true, nice: true },
        axis: { title: 'log loss of the window', labelExpr: VALUE_LABEL, tickCount: 5 },
      },
      color: {
        field: 'probabilities',
        type: 'nominal',
        scale: { domain: [...SOURCES], range: [COLOURS.forecast, COLOURS.actual] },
        legend: { title: null, symbolType: 'stroke' },
      },
    },
  };
}
