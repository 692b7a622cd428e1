import type { PartEvaluation } from '../evaluation/evaluation-report.js';
import type { ResidualTrace, TargetResiduals } from '../evaluation/residual-trace.js';
import { countText } from '../evaluation/score-text.js';
import { autocorrelations } from '../metrics/autocorrelation.js';
import { timeTicks, VALUE_LABEL } from './axes.js';
import { linePoints } from './line-points.js';
import { COLOURS, CONFIG, SCHEMA, type ChartSpec } from './theme.js';

/** What a residual picture shows: the part that was scored last. */
export interface ResidualPicture {
  readonly algorithm: string;
  readonly part: PartEvaluation;
  readonly residuals: ResidualTrace;
  readonly times: Float64Array;
  readonly horizon: number;
  readonly seasonLength: number;
}

type Panel = Extract<ChartSpec, { concat: unknown }>['concat'][number];

const MAXIMUM_ASSETS = 4;
const WIDTHS = [640, 360, 330] as const;
const HEIGHT = 640;
const BINS = 40;
const MINIMUM_LAGS = 24;
const MAXIMUM_LAGS = 60;
const DIGITS = 6;

/**
 * What the forecasts leave over, actual less forecast in original units: one step ahead over time, the distribution of
 * the first and of the last step, and the autocorrelation of the first. Residuals of a good model have no level, no
 * pattern over time and, one step ahead, no correlation.
 */
export function residualSpec(picture: ResidualPicture): ChartSpec {
  const { algorithm, part, residuals, horizon } = picture;
  const shown = residuals.targets.slice(0, MAXIMUM_ASSETS);
  const left = residuals.targets.length - shown.length;
  const height = Math.round(HEIGHT / shown.length) - 40;
  return {
    $schema: SCHEMA,
    title: {
      text: `${algorithm}: residuals${part.hasSkill ? '' : ' of a model without skill'}${left === 0 ? '' : ` (${shown.length} assets shown, and ${left} more)`}`,
      subtitle: [
        `${part.part === 'test' ? 'Test' : 'Validation'}, ${countText(part.windows)} windows; actual less forecast, original units`,
        `Left one step ahead over time, middle how often (step 1${horizon === 1 ? '' : ` and step ${horizon}`}), right the autocorrelation one step ahead; dashed what chance alone gives in 95 of 100`,
      ],
    },
    config: CONFIG,
    padding: 20,
    spacing: { row: 20, column: 30 },
    columns: 3,
    concat: shown.flatMap((target) => [
      overTime(picture, target, height),
      histogram(target, height, horizon),
      correlogram(target, height, picture.seasonLength),
    ]),
  };
}

function overTime({ residuals, times }: ResidualPicture, { asset, first }: TargetResiduals, height: number): Panel {
  const known = Int32Array.from(first.keys()).filter((at) => !Number.isNaN(first[at]!));
  const stamps = Float64Array.from(known, (at) => times[residuals.origins[at]! + 1]!);
  const [from, to] = [stamps[0] ?? 0, stamps[stamps.length - 1] ?? 1];
  const line = { rows: known, times: stamps, values: Float64Array.from(known, (at) => first[at]!) };
  const values = linePoints(line, { columns: WIDTHS[0], from, to, bridgedRows: 0 }).map((point) => ({ ...point }));
  return {
    title: { text: asset, fontSize: 14, offset: 6, limit: 600 },
    width: WIDTHS[0],
    height,
    layer: [
      {
        data: { values },
        mark: { type: 'line', color: COLOURS.validationLoss, strokeWidth: 1, strokeJoin: 'round' },
        encoding: {
          x: {
            field: 't',
            type: 'temporal',
            scale: { type: 'utc', domain: [from, to], nice: false },
            axis: { title: 'time (UTC)', ...timeTicks(to - from, WIDTHS[0]), labelOverlap: true },
          },
          y: {
            field: 'v',
            type: 'quantitative',
            axis: { title: 'residual, step 1', labelExpr: VALUE_LABEL, titleLimit: height },
          },
          detail: { field: 's', type: 'nominal' },
        },
      },
      {
        data: { values: [{ zero: 0 }] },
        mark: { type: 'rule', color: COLOURS.ink },
        encoding: { y: { field: 'zero', type: 'quantitative' } },
      },
    ],
  };
}

/** Shares of the residuals in bins of equal width, the same for both steps; the outer 1 % is counted in the end bins. */
function histogram({ first, last }: TargetResiduals, height: number, horizon: number): Panel {
  const steps = horizon === 1 ? [first] : [first, last];
  const known = steps.map((values) => values.filter((value) => !Number.isNaN(value)));
  const sorted = Float64Array.from(known.flatMap((values) => [...values])).sort();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const [low, high] = [at(0.005), at(0.995)];
  const width = (high - low) / BINS || 1;
  const names = steps.map((_, step) => (step === 0 ? 'step 1' : `step ${horizon}`));
  const values = known.flatMap((residuals, step) => {
    const counts = new Float64Array(BINS);
    for (const value of residuals) counts[Math.min(BINS - 1, Math.max(0, Math.floor((value - low) / width)))]! += 1;
    return Array.from(counts, (count, bin) => ({
      from: round(low + bin * width),
      to: round(low + (bin + 1) * width),
      share: round((100 * count) / residuals.length),
      step: names[step],
    }));
  });
  return {
    width: WIDTHS[1],
    height,
    data: { values },
    mark: { type: 'bar', opacity: 0.55, binSpacing: 0 },
    encoding: {
      x: {
        field: 'from',
        type: 'quantitative',
        bin: 'binned',
        scale: { zero: false, nice: false },
        axis: { title: 'residual', labelExpr: VALUE_LABEL, tickCount: 6 },
      },
      x2: { field: 'to' },
      y: { field: 'share', type: 'quantitative', stack: null, axis: { title: 'share, %', titleLimit: height } },
      color: {
        field: 'step',
        type: 'nominal',
        scale: { domain: names, range: [COLOURS.validationLoss, COLOURS.forecast].slice(0, names.length) },
        legend: { title: null, symbolType: 'square', symbolStrokeWidth: 0 },
      },
    },
  };
}

function correlogram({ first }: TargetResiduals, height: number, seasonLength: number): Panel {
  const lags = Math.min(MAXIMUM_LAGS, Math.max(MINIMUM_LAGS, Math.ceil(1.25 * seasonLength)));
  const values = Array.from(autocorrelations(first, lags), (r, at) => ({ lag: at + 1, r: round(r), zero: 0 }));
  const count = first.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0);
  const bound = round(1.96 / Math.sqrt(Math.max(1, count)));
  return {
    width: WIDTHS[2],
    height,
    layer: [
      {
        data: { values },
        mark: { type: 'rule', color: COLOURS.ink, strokeWidth: 3 },
        encoding: {
          x: {
            field: 'lag',
            type: 'quantitative',
            scale: { domain: [0, lags + 1], nice: false },
            axis: { title: 'lag, windows', format: 'd', tickMinStep: 1, tickCount: 8 },
          },
          y: {
            field: 'r',
            type: 'quantitative',
            scale: { domain: domainOf(values.map(({ r }) => r)), nice: true },
            axis: { title: 'autocorrelation', titleLimit: height },
          },
          y2: { field: 'zero' },
        },
      },
      {
        data: { values: [{ bound }, { bound: -bound }] },
        mark: { type: 'rule', color: COLOURS.forecast, strokeDash: [6, 5] },
        encoding: { y: { field: 'bound', type: 'quantitative' } },
      },
    ],
  };
}

function domainOf(values: readonly number[]): number[] {
  return [Math.min(-0.2, ...values), Math.max(0.2, ...values)];
}

function round(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
