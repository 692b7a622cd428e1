import type { BacktestForecasts, BacktestReport, BacktestScores } from '../evaluation/backtest/backtest-report.js';
import { countText, errorText, pValueText, skillText } from '../evaluation/score-text.js';
import { isSignificant } from '../evaluation/skill-tests.js';
import { originalTargets } from '../processing/invert-targets.js';
import type { FittedProcessing, PartRows } from '../processing/processing-plan.js';
import type { WindowedData } from '../windows/windowed-data.js';
import { VALUE_LABEL } from './axes.js';
import { forecastPanel, timeAxis, timeSpan, type Panel, type PanelStyle, type TargetLines } from './forecast-panel.js';
import { usualSpacing, type LineSource } from './line-points.js';
import { COLOURS, CONFIG, SCHEMA, type ChartSpec } from './theme.js';

/** What a picture of a backtest shows. */
export interface BacktestPicture {
  readonly algorithm: string;
  readonly data: WindowedData;
  readonly fitted: FittedProcessing;
  readonly parts: PartRows;
  readonly report: BacktestReport;
  readonly forecasts: BacktestForecasts;
}

const MAXIMUM_ASSETS = 4;
/** As many windows as a backtest can have. */
const MAXIMUM_MARKS = 50;
const WIDTH = 1_440;
const FORECAST_HEIGHT = 440;
const ERROR_HEIGHT = 200;
const ROW_GAP = 14;
/** Rows before the first cut-off, as a share of those after it. */
const LEAD = 0.2;
const FORECASTS = ['model', 'naive', 'seasonal naive'] as const;
const FORECAST_COLOURS = [COLOURS.forecast, COLOURS.actual, COLOURS.validationLoss];

/**
 * The forecasts of all windows against the actual values, with the cut-offs as dotted lines, over the error of each
 * window beside both baselines; time is the same in all panels. Null when no window was scored.
 */
export function backtestSpec(picture: BacktestPicture): ChartSpec | null {
  const { report, fitted } = picture;
  const { overall } = report;
  if (overall === null) return null;
  const shown = fitted.targets.slice(0, MAXIMUM_ASSETS);
  const style = panelStyle(picture, shown.length);
  const originals = originalTargets(picture.data, fitted);
  const panels = shown.map(({ asset }, target) =>
    forecastPanel(targetLines(picture, target, originals[target]!), {
      ...style,
      valueTitle: asset,
      hasTimeLabels: target === shown.length - 1,
    }),
  );
  return {
    $schema: SCHEMA,
    title: title(picture, overall, fitted.targets.length - shown.length),
    config: CONFIG,
    padding: 20,
    spacing: 26,
    resolve: { scale: { color: 'independent' }, legend: { color: 'independent' } },
    vconcat: [
      panels.length === 1
        ? panels[0]!
        : { spacing: ROW_GAP, resolve: { legend: { color: 'shared', fill: 'shared' } }, vconcat: panels },
      errorPanel(picture, style),
    ],
  };
}

function title({ algorithm, report }: BacktestPicture, overall: BacktestScores, leftOut: number) {
  const { refit, step, windows, skipped, rollingRows } = report;
  const { spread, skill, significance, hasSkill } = overall;
  const against = (baseline: 'naive' | 'seasonalNaive', name: string): string =>
    `${skillText(skill[baseline].mae)} against ${name}${isSignificant(significance[baseline]) ? '' : pValueText(significance[baseline])}`;
  const how = !refit
    ? 'the model that was fitted once'
    : rollingRows === null
      ? 'fitted anew at each cut-off on all rows up to it'
      : `fitted anew at each cut-off on the ${countText(rollingRows)} rows up to it`;
  const deviation = spread.mae.standardDeviation;
  const mae = `MAE ${errorText(spread.mae.mean)}${deviation === null ? '' : ` ± ${errorText(deviation)}`}${windows.length === 1 ? '' : ' (mean and deviation over the windows)'}`;
  return {
    text: `${algorithm}: backtest${hasSkill ? '' : ' — no skill'}${leftOut === 0 ? '' : ` (${leftOut} more assets are not shown)`}`,
    subtitle: [
      `${windows.length} cut-offs ${countText(step)} rows apart, ${how}${skipped.length === 0 ? '' : `; ${skipped.length} more were not scored`}; dotted lines mark them, shades the parts of the main training`,
      `${mae}; skill ${against('naive', 'naive')}, ${against('seasonalNaive', 'seasonal naive')}`,
    ],
  };
}

function panelStyle({ data, parts, forecasts: { cutoffs } }: BacktestPicture, panels: number): PanelStyle {
  const end = cutoffs[cutoffs.length - 1]! + data.horizon + 1;
  const first = cutoffs[0]!;
  const height = Math.round((FORECAST_HEIGHT - (panels - 1) * ROW_GAP) / panels);
  return {
    times: data.times,
    parts,
    rows: { start: Math.max(0, first - Math.ceil(LEAD * (end - first))), end },
    width: WIDTH,
    height: Math.max(150, height),
    isApart: true,
    maximumMarks: MAXIMUM_MARKS,
    hasBands: false,
    strokeWidth: 1.6,
    title: null,
    valueTitle: null,
    timeTitle: null,
    hasTimeLabels: true,
  };
}

function targetLines({ data, forecasts }: BacktestPicture, target: number, original: Float64Array): TargetLines {
  const observed = data.targets.observed[target]!;
  const rows = Int32Array.from(observed.keys()).filter((row) => observed[row] === 1);
  const line = (ofRows: Int32Array, values: Float64Array): LineSource => ({
    rows: ofRows,
    times: Float64Array.from(ofRows, (row) => data.times[row]!),
    values,
  });
  const { horizon } = data;
  const none = line(new Int32Array(0), new Float64Array(0));
  return {
    actual: line(
      rows,
      Float64Array.from(rows, (row) => original[row]!),
    ),
    bridgedRows: 3 * usualSpacing(rows) - 1,
    forecast: none,
    forecasts: Array.from(forecasts.cutoffs, (cutoff, at) =>
      line(
        Int32Array.from({ length: horizon }, (_, step) => cutoff + 1 + step),
        forecasts.values[target]!.subarray(at * horizon, (at + 1) * horizon),
      ),
    ),
    largeGaps: [],
    origins: [...forecasts.cutoffs],
    bands: [],
  };
}

/** Original units of one asset, scaled ones of several. */
function errorPanel({ data, report }: BacktestPicture, style: PanelStyle): Panel {
  const unit = data.targets.names.length === 1 ? 'original' : 'scaled';
  const values = report.windows.flatMap(({ cutoff, model, naive, seasonalNaive }) =>
    [model, naive, seasonalNaive].map((scores, at) => ({
      t: Date.parse(cutoff),
      mae: scores[unit].mae,
      forecast: FORECASTS[at],
    })),
  );
  const x = timeAxis({ ...style, timeTitle: 'cut-off (UTC)' }, timeSpan(style));
  return {
    width: WIDTH,
    height: ERROR_HEIGHT,
    data: { values },
    mark: { type: 'line', strokeWidth: 2.2, point: { size: 44 } },
    encoding: {
      x: x!,
      y: {
        field: 'mae',
        type: 'quantitative',
        scale: { zero: true, nice: true },
        axis: {
          title: `MAE of the window${unit === 'scaled' ? ', scaled' : ''}`,
          labelExpr: VALUE_LABEL,
          tickCount: 5,
        },
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
