import { minimiseSquares, type SquaresAt } from './bounded-least-squares.js';
import { isAllowed, multiplyLags, partsOf, type LagTerms, type SarimaModel, type SarimaOrder } from './sarima-model.js';

export interface SarimaFit extends SarimaModel {
  /** Of the innovations. */
  readonly variance: number;
  readonly logLikelihood: number;
  readonly aicc: number;
}

const NOT_ALLOWED: SquaresAt = { squares: Infinity, gradient: new Float64Array(0), curvature: new Float64Array(0) };

/**
 * The differenced series w of one train part, in runs of observed rows. Each run begins after `pad` rows of zeros, the
 * w − μ and the innovations before it; its first `lead` rows are filtered, and not counted, so that what came before
 * hardly matters. Orders that share a `ConditionalSeries` are compared on the same rows.
 */
export class ConditionalSeries {
  /** Rows that count. */
  readonly count: number;
  /** Mean of w over its observed rows. */
  readonly mean: number;
  /** w with zeros between runs. */
  readonly moves: Float64Array;
  /** [from, to) of each run in `moves`, and its first row that counts. */
  readonly runs: readonly { readonly from: number; readonly counted: number; readonly to: number }[];

  /** `pad`: the longest lag of any order that will be fitted. */
  constructor(w: Float64Array, pad: number, lead: number) {
    const runs: { from: number; counted: number; to: number }[] = [];
    const placed: number[] = [];
    let sum = 0;
    let row = 0;
    while (row < w.length) {
      while (row < w.length && Number.isNaN(w[row]!)) row++;
      const start = row;
      while (row < w.length && !Number.isNaN(w[row]!)) row++;
      if (row - start <= lead) continue;
      for (let i = 0; i < pad; i++) placed.push(0);
      runs.push({ from: placed.length, counted: placed.length + lead, to: placed.length + row - start });
      for (let i = start; i < row; i++) {
        placed.push(w[i]!);
        sum += w[i]!;
      }
    }
    this.runs = runs;
    this.moves = Float64Array.from(placed);
    this.count = runs.reduce((count, { counted, to }) => count + to - counted, 0);
    const rows = runs.reduce((count, { from, to }) => count + to - from, 0);
    this.mean = rows > 0 ? sum / rows : 0;
  }
}

/**
 * Conditional least squares (Box & Jenkins 1970, 7.1) by Levenberg–Marquardt with exact derivatives, which are lags of
 * four filtered series: ∂e_t/∂φ_i = −B^i Φ(B^m) z / θΘ, ∂e_t/∂Φ_j = −B^{mj} φ(B) z / θΘ, ∂e_t/∂θ_i = −B^i e / θ,
 * ∂e_t/∂Θ_j = −B^{mj} e / Θ, with z = w − μ. Steps out of the stationary and invertible region are refused like steps that
 * do not descend. AICc = −2 ln L + 2k + 2k(k + 1) / (n − k − 1), k counting the constant and σ².
 */
export function fitSarima(
  order: SarimaOrder,
  series: ConditionalSeries,
  start: Float64Array | null = null,
  isOver: () => boolean = () => false,
): SarimaFit | null {
  const { count } = series;
  const coefficients = order.p + order.q + order.seasonalP + order.seasonalQ;
  const size = coefficients + (order.withConstant ? 1 : 0);
  const first = new Float64Array(size);
  if (start !== null) first.set(start.subarray(0, coefficients));
  if (order.withConstant) first[size - 1] = series.mean;
  const pass = new SarimaPass(order, series);
  const problem = {
    lower: new Float64Array(size).fill(-Infinity),
    upper: new Float64Array(size).fill(Infinity),
    isOver,
    at: (parameters: Float64Array) => (isAllowed(order, parameters) ? pass.at(parameters) : NOT_ALLOWED),
  };
  const { parameters, squares } = minimiseSquares(problem, first);
  const left = count - size - 2;
  if (!Number.isFinite(squares) || left <= 0) return null;
  const variance = Math.max(squares, Number.MIN_VALUE) / count;
  const logLikelihood = (-count / 2) * (Math.log(2 * Math.PI * variance) + 1);
  const k = size + 1;
  return {
    order,
    mean: order.withConstant ? parameters[size - 1]! : 0,
    coefficients: parameters.slice(0, coefficients),
    variance,
    logLikelihood,
    aicc: -2 * logLikelihood + 2 * k + (2 * k * (k + 1)) / left,
  };
}

class SarimaPass {
  private readonly centred: Float64Array;
  private readonly innovations: Float64Array;
  private readonly byAr: Float64Array;
  private readonly bySeasonalAr: Float64Array;
  private readonly byMa: Float64Array;
  private readonly bySeasonalMa: Float64Array;
  private readonly byMean: Float64Array;

  constructor(
    private readonly order: SarimaOrder,
    private readonly series: ConditionalSeries,
  ) {
    const make = (needed: boolean): Float64Array => new Float64Array(needed ? series.moves.length : 0);
    this.centred = make(true);
    this.innovations = make(true);
    this.byAr = make(order.p > 0);
    this.bySeasonalAr = make(order.seasonalP > 0);
    this.byMa = make(order.q > 0);
    this.bySeasonalMa = make(order.seasonalQ > 0);
    this.byMean = make(order.withConstant);
  }

  at(parameters: Float64Array): SquaresAt {
    const { order, series, centred, innovations } = this;
    const { seasonLength, withConstant } = order;
    const { ar, seasonalAr, ma, seasonalMa } = partsOf(order, parameters);
    const mean = withConstant ? parameters[parameters.length - 1]! : 0;
    const arTerms = multiplyLags(ar, seasonalAr, seasonLength, -1);
    const maTerms = multiplyLags(ma, seasonalMa, seasonLength, 1);
    const plainAr = multiplyLags(ar, EMPTY, seasonLength, -1);
    const onlySeasonalAr = multiplyLags(EMPTY, seasonalAr, seasonLength, -1);
    const plainMa = multiplyLags(ma, EMPTY, seasonLength, 1);
    const onlySeasonalMa = multiplyLags(EMPTY, seasonalMa, seasonLength, 1);
    for (const { from, to } of series.runs) {
      for (let t = from; t < to; t++) centred[t] = series.moves[t]! - mean;
      filter(innovations, centred, 1, arTerms, maTerms, from, to);
      if (this.byAr.length > 0) filter(this.byAr, centred, -1, onlySeasonalAr, maTerms, from, to);
      if (this.bySeasonalAr.length > 0) filter(this.bySeasonalAr, centred, -1, plainAr, maTerms, from, to);
      if (this.byMa.length > 0) filter(this.byMa, innovations, -1, NO_TERMS, plainMa, from, to);
      if (this.bySeasonalMa.length > 0) filter(this.bySeasonalMa, innovations, -1, NO_TERMS, onlySeasonalMa, from, to);
      if (withConstant) this.filterMean(arTerms, maTerms, from, to);
    }
    return this.sums(parameters.length);
  }

  private filterMean(arTerms: LagTerms, maTerms: LagTerms, from: number, to: number): void {
    const { byMean } = this;
    for (let t = from; t < to; t++) {
      let value = -1;
      // The zeros before a run are w − μ = 0 whatever μ is.
      arTerms.lags.forEach((lag, i) => (value += t - lag >= from ? arTerms.weights[i]! : 0));
      maTerms.lags.forEach((lag, i) => (value -= maTerms.weights[i]! * byMean[t - lag]!));
      byMean[t] = value;
    }
  }

  private sums(size: number): SquaresAt {
    const { order, series, innovations } = this;
    const slopes: Float64Array[] = [];
    const lags: number[] = [];
    const place = (slope: Float64Array, terms: number, lag: number): void => {
      for (let i = 1; i <= terms; i++) {
        slopes.push(slope);
        lags.push(i * lag);
      }
    };
    place(this.byAr, order.p, 1);
    place(this.bySeasonalAr, order.seasonalP, order.seasonLength);
    place(this.byMa, order.q, 1);
    place(this.bySeasonalMa, order.seasonalQ, order.seasonLength);
    if (order.withConstant) place(this.byMean, 1, 0);
    const gradient = new Float64Array(size);
    const curvature = new Float64Array(size * size);
    const row = new Float64Array(size);
    let squares = 0;
    for (const { counted, to } of series.runs) {
      for (let t = counted; t < to; t++) {
        const e = innovations[t]!;
        squares += e * e;
        for (let i = 0; i < size; i++) {
          const slope = slopes[i]![t - lags[i]!]!;
          row[i] = slope;
          gradient[i] = gradient[i]! + slope * e;
          for (let j = 0, at = i * size; j <= i; j++) curvature[at + j] = curvature[at + j]! + slope * row[j]!;
        }
      }
    }
    return Number.isFinite(squares) ? { squares, gradient, curvature } : NOT_ALLOWED;
  }
}

const EMPTY = new Float64Array(0);
const NO_TERMS: LagTerms = { lags: [], weights: [] };

/** out_t = sign·(x_t − Σ ar·x[t − lag]) − Σ ma·out[t − lag] over one run. */
function filter(
  out: Float64Array,
  x: Float64Array,
  sign: number,
  ar: LagTerms,
  ma: LagTerms,
  from: number,
  to: number,
): void {
  const arLags = ar.lags;
  const arWeights = ar.weights;
  const maLags = ma.lags;
  const maWeights = ma.weights;
  const arCount = arLags.length;
  const maCount = maLags.length;
  for (let t = from; t < to; t++) {
    let value = x[t]!;
    for (let i = 0; i < arCount; i++) value -= arWeights[i]! * x[t - arLags[i]!]!;
    value *= sign;
    for (let i = 0; i < maCount; i++) value -= maWeights[i]! * out[t - maLags[i]!]!;
    out[t] = value;
  }
}
