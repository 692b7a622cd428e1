import type { DirectionTrace } from '../evaluation/evaluate-directions.js';
import type { PartDirections } from '../evaluation/direction-report.js';
import { DIRECTIONS, labelsOfTarget, UNLABELLED } from '../windows/direction-labels.js';
import type { WindowedData } from '../windows/windowed-data.js';
import { timeTicks, VALUE_LABEL } from './axes.js';
import { DIRECTION_COLOURS, directionScores, directionTitle } from './direction-title.js';
import { COLOURS, CONFIG, SCHEMA, type ChartSpec } from './theme.js';

/** More would be too flat to read; the title says how many are left out. */
const MAXIMUM_ASSETS = 3;
const MAXIMUM_WINDOWS = 160;
const WIDTH = 1_440;
const HEIGHT = 700;
/** Of an asset's panels, that of its values. */
const VALUE_SHARE = 0.4;
const CLASSES = DIRECTIONS.length;

export interface ProbabilityPicture {
  readonly algorithm: string;
  readonly data: WindowedData;
  readonly trace: DirectionTrace;
  /** The scores of the part, null where nothing was observed in it. */
  readonly part: PartDirections | null;
}

/**
 * The newest windows of a part, one row ahead: the values, and under them the probabilities of down, flat and up as
 * shares of a column at the row they are about, with the direction that came as a point on top. Time in UTC.
 */
export function probabilitySpec({ algorithm, data, trace, part }: ProbabilityPicture): ChartSpec {
  const { names } = data.targets;
  const shown = names.slice(0, MAXIMUM_ASSETS);
  const origins = trace.origins.subarray(Math.max(0, trace.origins.length - MAXIMUM_WINDOWS));
  const first = trace.origins.length - origins.length;
  const [from, to] = [data.times[origins[0]! + 1]!, data.times[origins[origins.length - 1]! + 1]!];
  const { tickCount, format } = timeTicks(Math.max(1, to - from), WIDTH);
  const height = Math.round(HEIGHT / shown.length);
  const time = (isLast: boolean) => ({
    field: 'time',
    type: 'temporal' as const,
    scale: { type: 'utc' as const, domain: [from, to], nice: false as const },
    axis: { title: isLast ? 'time (UTC)' : null, labels: isLast, format, tickCount },
  });
  const panels = shown.flatMap((asset, target) => {
    const isLast = target === shown.length - 1;
    const labels = labelsOfTarget(data, target, origins);
    const observed = data.targets.observed[target]!;
    const original = data.targets.original![target]!;
    const values = Array.from(origins, (origin) => ({
      time: data.times[origin + 1]!,
      value: observed[origin + 1] === 1 ? original[origin + 1]! : null,
    }));
    const probabilities = Array.from(origins, (origin, at) => {
      const cell = ((first + at) * data.horizon * names.length + target) * CLASSES;
      return DIRECTIONS.map((direction, one) => ({
        time: data.times[origin + 1]!,
        direction,
        order: one,
        probability: trace.probabilities[cell + one]!,
      }));
    }).flat();
    const came = Array.from(origins, (origin, at) => ({ origin, label: labels[at * data.horizon]! }))
      .filter(({ label }) => label !== UNLABELLED)
      .map(({ origin, label }) => ({ time: data.times[origin + 1]!, direction: DIRECTIONS[label]!, top: 1.06 }));
    const color = {
      field: 'direction',
      type: 'nominal' as const,
      scale: { domain: [...DIRECTIONS], range: DIRECTIONS.map((direction) => DIRECTION_COLOURS[direction]) },
      legend: { title: null, symbolType: 'square' as const },
    };
    return [
      {
        width: WIDTH,
        height: Math.round(height * VALUE_SHARE) - 30,
        data: { values },
        mark: {
          type: 'line' as const,
          color: COLOURS.actual,
          strokeWidth: 1.6,
          invalid: 'break-paths-show-domains' as const,
        },
        encoding: {
          x: time(false),
          y: {
            field: 'value',
            type: 'quantitative' as const,
            scale: { zero: false },
            axis: { title: asset, labelExpr: VALUE_LABEL, tickCount: 4 },
          },
        },
      },
      {
        width: WIDTH,
        height: Math.round(height * (1 - VALUE_SHARE)) - 30,
        layer: [
          {
            data: { values: probabilities },
            mark: { type: 'bar' as const, width: Math.max(1, (WIDTH / origins.length) * 0.92) },
            encoding: {
              x: time(isLast),
              y: {
                field: 'probability',
                type: 'quantitative' as const,
                stack: 'zero' as const,
                scale: { domain: [0, 1.1] },
                axis: { title: 'probability', values: [0, 0.25, 0.5, 0.75, 1], format: '.0%' },
              },
              color,
              order: { field: 'order', type: 'quantitative' as const },
            },
          },
          {
            data: { values: came },
            mark: { type: 'point' as const, shape: 'circle', filled: true, size: 34, opacity: 1 },
            encoding: { x: time(isLast), y: { field: 'top', type: 'quantitative' as const }, color },
          },
        ],
      },
    ];
  });
  const left = names.length - shown.length;
  return {
    $schema: SCHEMA,
    title: {
      text: part === null ? `${algorithm}: directions` : directionTitle(algorithm, 'directions', part),
      subtitle: [
        ...(part === null ? [] : [directionScores(part)]),
        `The last ${origins.length} windows, one row ahead; points on top: the direction that came` +
          (left > 0 ? `; ${left} more assets are not shown` : ''),
      ],
    },
    config: CONFIG,
    padding: 20,
    spacing: 14,
    vconcat: panels,
  };
}
