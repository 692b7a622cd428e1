/** Smoothing of the level and of the trend, and what is left of the trend after a step; each in 0…1. */
export interface DampedTrendParameters {
  readonly levelSmoothing: number;
  readonly trendSmoothing: number;
  readonly damping: number;
}

export const DAMPED_TREND_START: DampedTrendParameters = { levelSmoothing: 1, trendSmoothing: 0.1, damping: 0.9 };

const LEVEL_SMOOTHING = [0.2, 0.4, 0.7, 1] as const;
const TREND_SMOOTHING = [0.05, 0.2, 0.5] as const;
/** The milder first: of equally good ones the one that extrapolates less is taken. 1 is a straight line. */
const DAMPING = [0.8, 0.9, 0.97, 1] as const;
/** The newest rows decide: older ones cost time and say less about those to come. */
const FITTED_ROWS = 2_000;

/**
 * Exponential smoothing with a damped trend: f = l + φ·b; on an observation x the level becomes l = f + α·(x − f) and
 * the trend b = φ·b + β·(l − l₋ − φ·b); without one l = f, b = φ·b. The first observation is the level, the second minus
 * the first the first trend. Source: Gardner & McKenzie, "Forecasting trends in time series", Management Science 31
 * (1985).
 */
export function dampedTrend({ levelSmoothing, trendSmoothing, damping }: DampedTrendParameters) {
  let level = NaN;
  let slope = NaN;
  /** Steps from the first observation to the second. */
  let steps = 1;
  return {
    /** What is expected of the next row; NaN before the first observation. */
    expected: (): number => (Number.isNaN(slope) ? level : level + damping * slope),
    observe(value: number): void {
      if (Number.isNaN(level)) level = value;
      else if (Number.isNaN(slope)) {
        slope = (value - level) / steps;
        level = value;
      } else {
        const expected = level + damping * slope;
        const next = expected + levelSmoothing * (value - expected);
        slope = damping * slope + trendSmoothing * (next - level - damping * slope);
        level = next;
      }
    },
    /** A row without an observation; its expected value. */
    advance(): number {
      if (Number.isNaN(slope)) steps++;
      else {
        slope *= damping;
        level += slope;
      }
      return level;
    },
    /** The next observation is the level, whatever was expected of it; the slope stays. */
    restart(): void {
      level = NaN;
      steps = 1;
    },
  };
}

/** The parameters of a small grid with the least squared error one row ahead over the newest 2,000 rows. */
export function fitDampedTrend(train: Float64Array): DampedTrendParameters {
  const rows = train.subarray(Math.max(0, train.length - FITTED_ROWS));
  let best = DAMPED_TREND_START;
  let least = Infinity;
  for (const damping of DAMPING) {
    for (const levelSmoothing of LEVEL_SMOOTHING) {
      for (const trendSmoothing of TREND_SMOOTHING) {
        const parameters = { levelSmoothing, trendSmoothing, damping };
        const error = squaredError(rows, parameters);
        if (error < least) [best, least] = [parameters, error];
      }
    }
  }
  return best;
}

function squaredError(rows: Float64Array, parameters: DampedTrendParameters): number {
  const filter = dampedTrend(parameters);
  let sum = 0;
  for (const value of rows) {
    if (Number.isNaN(value)) {
      filter.advance();
      continue;
    }
    const error = value - filter.expected();
    if (!Number.isNaN(error)) sum += error * error;
    filter.observe(value);
  }
  return sum;
}
