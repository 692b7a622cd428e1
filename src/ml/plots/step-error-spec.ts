import type { EvaluationReport, PartEvaluation } from '../evaluation/evaluation-report.js';
import { countText } from '../evaluation/score-text.js';
import { SIGNIFICANCE_LEVEL } from '../evaluation/skill-tests.js';
import { VALUE_LABEL } from './axes.js';
import { skills } from './forecast-title.js';
import { COLOURS, CONFIG, SCHEMA, type ChartSpec } from './theme.js';

type Panel = Extract<ChartSpec, { vconcat: unknown }>['vconcat'][number];

const WIDTH = 1_440;
const ERROR_HEIGHT = 460;
const COVERAGE_HEIGHT = 200;
const FORECASTS = ['model', 'naive', 'seasonal naive'] as const;
const FORECAST_COLOURS = [COLOURS.forecast, COLOURS.actual, COLOURS.validationLoss];
/** Few steps are points that are joined, many are a curve. */
const POINTS_UP_TO = 50;

/**
 * Mean absolute error at each step of the horizon, the model beside both baselines, over the coverage of its intervals.
 * Of the test part, or of the validation part where there is no other. Null where nothing was scored.
 */
export function stepErrorSpec(report: EvaluationReport, algorithm: string): ChartSpec | null {
  const part = report.test ?? report.validation;
  if (part === null) return null;
  const coverage = coveragePanel(part);
  return {
    $schema: SCHEMA,
    title: {
      text: `${algorithm}: error by step${part.hasSkill ? '' : ' — no skill'}`,
      subtitle: [
        `${part.part === 'test' ? 'Test' : 'Validation'}, ${countText(part.windows)} windows: ${skills(part)}`,
        `${skilledSteps(part)}${coverage === null ? '' : '; below, the share of values inside the intervals, dashed what they promise'}`,
      ],
    },
    config: CONFIG,
    padding: 20,
    spacing: 34,
    resolve: { scale: { color: 'independent' }, legend: { color: 'independent' } },
    vconcat:
      coverage === null
        ? [errorPanel(part, ERROR_HEIGHT + COVERAGE_HEIGHT)]
        : [errorPanel(part, ERROR_HEIGHT), coverage],
  };
}

function skilledSteps({ perStep }: PartEvaluation): string {
  const better = perStep.filter(
    ({ model, naive, seasonalNaive, significance }) =>
      model.mae < Math.min(naive.mae, seasonalNaive.mae) &&
      [significance.naive, significance.seasonalNaive].every(
        (test) => test !== null && test.pValue < SIGNIFICANCE_LEVEL,
      ),
  );
  return `Better than both baselines by more than chance at ${better.length} of ${perStep.length} steps`;
}

function stepAxis(steps: number, title: string | null) {
  return {
    field: 'step',
    type: 'quantitative' as const,
    scale: { zero: false, nice: false, padding: steps === 1 ? 40 : 8 },
    axis: { title, format: 'd', tickMinStep: 1, tickCount: Math.min(steps, 24) },
  };
}

function errorPanel({ perStep }: PartEvaluation, height: number): Panel {
  const values = perStep.flatMap(({ step, model, naive, seasonalNaive }) =>
    [model, naive, seasonalNaive].map(({ mae }, at) => ({ step, mae, forecast: FORECASTS[at] })),
  );
  return {
    width: WIDTH,
    height,
    data: { values },
    mark: { type: 'line', strokeWidth: 2.4, point: perStep.length <= POINTS_UP_TO ? { size: 44 } : false },
    encoding: {
      x: stepAxis(perStep.length, 'step of the horizon'),
      y: {
        field: 'mae',
        type: 'quantitative',
        scale: { zero: true, nice: true },
        axis: { title: 'mean absolute error, scaled units', labelExpr: VALUE_LABEL },
      },
      color: {
        field: 'forecast',
        type: 'nominal',
        scale: { domain: [...FORECASTS], range: FORECAST_COLOURS },
        legend: { title: null, symbolType: 'stroke' },
      },
    },
  };
}

function coveragePanel({ intervals }: PartEvaluation): Panel | null {
  if (!intervals) return null;
  const values = intervals.perStep.flatMap(({ step, scores }) =>
    scores.map(({ coverage, covered }) => ({ step, covered: 100 * covered, interval: name(coverage) })),
  );
  const promised = intervals.overall.map(({ coverage }) => ({ promised: 100 * coverage, interval: name(coverage) }));
  const names = promised.map(({ interval }) => interval);
  const color = {
    field: 'interval',
    type: 'nominal' as const,
    scale: { domain: names, range: names.map((_, at) => COVERAGE_COLOURS[at % COVERAGE_COLOURS.length]!) },
    legend: { title: null, symbolType: 'stroke' },
  };
  const lowest = Math.min(...values.map(({ covered }) => covered), ...promised.map((one) => one.promised));
  const y = { scale: { domain: [Math.max(0, Math.floor(lowest / 10) * 10), 100], nice: false } };
  const steps = intervals.perStep.length;
  return {
    width: WIDTH,
    height: COVERAGE_HEIGHT,
    layer: [
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 2.2, point: steps <= POINTS_UP_TO ? { size: 36 } : false },
        encoding: {
          x: stepAxis(steps, 'step of the horizon'),
          y: { field: 'covered', type: 'quantitative', ...y, axis: { title: 'values inside, %', tickCount: 5 } },
          color,
        },
      },
      {
        data: { values: promised },
        mark: { type: 'rule', strokeDash: [6, 5], strokeWidth: 1.4 },
        encoding: { y: { field: 'promised', type: 'quantitative' }, color },
      },
    ],
  };
}

const COVERAGE_COLOURS = ['#009e73', COLOURS.gapLine, COLOURS.validationLoss, COLOURS.forecast];

function name(coverage: number): string {
  return `${Number((100 * coverage).toFixed(1))} % interval`;
}
