/**
 * A structural time series model: y[t] = level[t] + ε, level[t + 1] = level[t] + slope[t] + η, slope[t + 1] = slope[t] +
 * ζ, with var η = `levelRatio`·var ε and var ζ = `slopeRatio`·var ε. Without a slope (`hasSlope` 0) the local level
 * model. Source: Harvey, "Forecasting, Structural Time Series Models and the Kalman Filter" (1989), chapters 2 and 3.
 */
export interface StructuralParameters {
  readonly hasSlope: number;
  readonly levelRatio: number;
  readonly slopeRatio: number;
}

const LEVEL_RATIOS = Array.from({ length: 15 }, (_, at) => 10 ** (at / 2 - 4));
const LEVEL_RATIOS_WITH_SLOPE = [0, 1e-3, 1e-2, 1e-1, 1, 10, 100];
const SLOPE_RATIOS = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1];
/** Of an unknown slope, in units of var ε; large enough not to hold it near 0. */
const DIFFUSE_VARIANCE = 1e7;
/** The newest rows decide, and bound the time that a fit takes. */
const FITTED_ROWS = 2_000;
/** By how much the log likelihood must rise for the further parameter (Akaike). */
const SLOPE_GAIN = 1;

/** Level and slope with their covariance in units of var ε, before the next observation. */
export class StructuralFilter {
  level = NaN;
  private slope = 0;
  private levelVariance = 0;
  private covariance = 0;
  private slopeVariance = 0;

  constructor(private readonly parameters: StructuralParameters) {}

  get started(): boolean {
    return !Number.isNaN(this.level);
  }

  /** Variance of the next observation, in units of var ε. */
  get expectedVariance(): number {
    return this.levelVariance + 1;
  }

  /** Covariance of the level now and the observation `steps` rows on. */
  covarianceAhead(steps: number): number {
    return this.levelVariance + steps * this.covariance;
  }

  observe(value: number): void {
    if (this.started) {
      const gain = 1 / this.expectedVariance;
      const error = value - this.level;
      const [levelGain, slopeGain] = [this.levelVariance * gain, this.covariance * gain];
      this.level += levelGain * error;
      this.slope += slopeGain * error;
      this.slopeVariance -= slopeGain * this.covariance;
      this.covariance -= levelGain * this.covariance;
      this.levelVariance -= levelGain * this.levelVariance;
    } else {
      this.level = value;
      this.levelVariance = 1;
      this.slopeVariance = this.parameters.hasSlope === 0 ? 0 : DIFFUSE_VARIANCE;
    }
  }

  /** One row on. */
  advance(): void {
    const { levelRatio, slopeRatio } = this.parameters;
    this.level += this.slope;
    this.levelVariance += 2 * this.covariance + this.slopeVariance + levelRatio;
    this.covariance += this.slopeVariance;
    this.slopeVariance += slopeRatio;
  }
}

/**
 * The parameters of a grid with the greatest likelihood over the newest 2,000 rows, var ε concentrated out: −n/2·log σ̂²
 * − ½·Σ log F. A slope is taken when Akaike's criterion asks for it.
 */
export function fitStructuralModel(train: Float64Array): StructuralParameters {
  const rows = train.subarray(Math.max(0, train.length - FITTED_ROWS));
  const levels = LEVEL_RATIOS.map((levelRatio) => ({ hasSlope: 0, levelRatio, slopeRatio: 0 }));
  const slopes = SLOPE_RATIOS.flatMap((slopeRatio) =>
    LEVEL_RATIOS_WITH_SLOPE.map((levelRatio) => ({ hasSlope: 1, levelRatio, slopeRatio })),
  );
  const floor = 1e-14 * variance(rows);
  const level = mostLikely(rows, levels, floor);
  const slope = mostLikely(rows, slopes, floor);
  return slope.logLikelihood > level.logLikelihood + SLOPE_GAIN ? slope.parameters : level.parameters;
}

function mostLikely(rows: Float64Array, candidates: readonly StructuralParameters[], floor: number) {
  let best = { parameters: candidates[0]!, logLikelihood: -Infinity };
  for (const parameters of candidates) {
    const logLikelihood = likelihood(rows, parameters, floor);
    if (logLikelihood > best.logLikelihood) best = { parameters, logLikelihood };
  }
  return best;
}

function likelihood(rows: Float64Array, parameters: StructuralParameters, floor: number): number {
  const filter = new StructuralFilter(parameters);
  let [observed, count, squares, logs] = [0, 0, 0, 0];
  for (const value of rows) {
    if (filter.started) filter.advance();
    if (Number.isNaN(value)) continue;
    observed++;
    // The first two observations find level and slope; they say nothing about the ratios.
    if (observed > 2) {
      const error = value - filter.level;
      count++;
      squares += (error * error) / filter.expectedVariance;
      logs += Math.log(filter.expectedVariance);
    }
    filter.observe(value);
  }
  if (count === 0) return 0;
  return -0.5 * (count * Math.log(Math.max(squares / count, floor, Number.MIN_VALUE)) + logs);
}

function variance(rows: Float64Array): number {
  const observed = rows.filter((value) => !Number.isNaN(value));
  if (observed.length === 0) return 0;
  const mean = observed.reduce((sum, value) => sum + value, 0) / observed.length;
  return observed.reduce((sum, value) => sum + (value - mean) ** 2, 0) / observed.length;
}
