import { DAY_MS } from '../calendar/next-time.js';
import type { SeriesCalendar } from '../processing/processing-plan.js';

/** Windows whose share of present rows is a feature, rows; those longer than the look-back are cut to it. */
const SHARE_ROWS = [6, 24, 144];
/** A cycle that was seen less often is chance. */
const MINIMUM_CYCLES = 3;
const CYCLES = { day: { periodMs: DAY_MS, harmonics: 3 }, week: { periodMs: 7 * DAY_MS, harmonics: 4 } } as const;

export type GapCycle = keyof typeof CYCLES;

export interface GapFeatureShape {
  readonly lookBack: number;
  readonly horizon: number;
  readonly cycles: readonly GapCycle[];
}

/** One column of the classifier: of a presence up to an origin, and of a row `step` rows later and its time. */
interface GapFeature {
  readonly name: string;
  readonly value: (history: PresenceHistory, origin: number, step: number, time: number) => number;
}

/** Presence of one series by row, 1 where a value was observed, read up to an origin and at most a look-back behind it. */
export class PresenceHistory {
  private readonly counts: Int32Array;
  private readonly last: Int32Array;

  constructor(present: Uint8Array) {
    this.counts = new Int32Array(present.length + 1);
    this.last = new Int32Array(present.length);
    let last = -(2 ** 30);
    present.forEach((one, row) => {
      this.counts[row + 1] = this.counts[row]! + one;
      if (one === 1) last = row;
      this.last[row] = last;
    });
  }

  /** Share of present rows among the last `rows` up to and with the origin, as far as there are so many. */
  share(origin: number, rows: number): number {
    const first = Math.max(0, origin + 1 - rows);
    return (this.counts[origin + 1]! - this.counts[first]!) / (origin + 1 - first);
  }

  /** Rows since the last present one, 0 at it; no more than `limit`. */
  rowsSince(origin: number, limit: number): number {
    return Math.min(limit, origin - this.last[origin]!);
  }
}

/**
 * What the gap classifier knows of a target row t + h at its origin t: its time of day and of week (sines and cosines,
 * UTC), whether the series is present at t, the rows since it last was (as a logarithm) and its share of present rows
 * over three windows, each of these also times h/horizon, and h/horizon itself: what was just seen counts less the
 * further ahead. Nothing reaches further back than the look-back, so an explicit window of that length is enough.
 */
export function gapFeatures({ lookBack, horizon, cycles }: GapFeatureShape): readonly GapFeature[] {
  const recent: GapFeature[] = [
    { name: 'present', value: (history, origin) => 1 - Math.min(1, history.rowsSince(origin, 1)) },
    { name: 'logRowsSince', value: (history, origin) => Math.log1p(history.rowsSince(origin, lookBack)) },
    ...[...new Set(SHARE_ROWS.map((rows) => Math.min(rows, lookBack)))].map((rows): GapFeature => ({
      name: `share${rows}`,
      value: (history, origin) => history.share(origin, rows),
    })),
  ];
  const ahead = (step: number): number => step / horizon;
  return [
    ...cycles.flatMap(harmonics),
    ...recent,
    ...(horizon === 1
      ? []
      : [
          { name: 'step', value: (_history: PresenceHistory, _origin: number, step: number) => ahead(step) },
          ...recent.map(({ name, value }): GapFeature => ({
            name: `${name}·step`,
            value: (history, origin, step, time) => value(history, origin, step, time) * ahead(step),
          })),
        ]),
  ];
}

/** Cycles longer than the data's step (a time of day says nothing of daily rows) that a span holds three times or more. */
export function gapCycles({ unit, step }: Pick<SeriesCalendar, 'unit' | 'step'>, spanMs: number): GapCycle[] {
  const names = Object.keys(CYCLES) as GapCycle[];
  return names.filter((name) => {
    const { periodMs } = CYCLES[name];
    return unit === 'milliseconds' && step < periodMs && MINIMUM_CYCLES * periodMs <= spanMs;
  });
}

function harmonics(name: GapCycle): GapFeature[] {
  const { periodMs, harmonics: count } = CYCLES[name];
  return Array.from({ length: count }, (_, at) => at + 1).flatMap((times): GapFeature[] => {
    const angle = (time: number): number => (2 * Math.PI * times * (time % periodMs)) / periodMs;
    return [
      { name: `${name}Sine${times}`, value: (_history, _origin, _step, time) => Math.sin(angle(time)) },
      { name: `${name}Cosine${times}`, value: (_history, _origin, _step, time) => Math.cos(angle(time)) },
    ];
  });
}
