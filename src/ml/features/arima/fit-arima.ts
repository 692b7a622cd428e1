import { isInvertible, isStationary, type ArimaModel, type ArimaOrder } from './arima-model.js';
import { fitConditionalSum, type ArmaFit, type FitRows } from './conditional-sum.js';
import { LeastSquares } from './least-squares.js';

/** Why a fit cannot be used. */
export type FitFailure = 'not finite' | 'not stationary' | 'worse than naive';

export type FitResult =
  { readonly model: ArimaModel; readonly failure: null } | { readonly model: null; readonly failure: FitFailure };

export interface FitSettings {
  readonly order: ArimaOrder;
  /** Try all p and q up to those of the order and keep the smallest AICc. */
  readonly search: boolean;
  /** A fit whose error is more than this many times the naive one's is a failure. */
  readonly failureFactor: number;
}

/**
 * Collects the rows of a window and fits models to them. Rows count where they and the lead = max(p, 1) rows before them
 * are observed: all orders of a search are compared on the same rows, and so is the naive forecast.
 *
 * Without moving-average terms the conditional sum of squares is a linear problem and is solved by normal equations that
 * grow with the rows, so a refit of a growing window costs what the new rows cost; else see `fitConditionalSum`.
 */
export class ArimaWindow {
  private readonly equations: LeastSquares;
  private readonly lead: number;
  private anchor = NaN;
  private naiveSquares = 0;
  private taken: number;

  /** `values` and their `moves` Δ^d, of which rows `start` … are taken in one after the other. */
  constructor(
    private readonly values: Float64Array,
    private readonly moves: Float64Array,
    private readonly start: number,
    private readonly settings: FitSettings,
  ) {
    const { p, d } = settings.order;
    this.lead = Math.max(p, 1);
    this.equations = new LeastSquares(p + 2);
    this.taken = start + d;
  }

  /** Takes in the rows up to and including `last`. */
  extend(last: number): void {
    const { moves, values, lead } = this;
    const { p, d } = this.settings.order;
    const row = new Float64Array(p + 2);
    for (let at = this.taken; at <= last; at++) {
      if (Number.isNaN(moves[at]!)) continue;
      // With a constant, levels are measured from the first one: an offset costs no digits.
      if (Number.isNaN(this.anchor)) this.anchor = d === 0 ? moves[at]! : 0;
      if (!this.counts(at, lead)) continue;
      for (let lag = 0; lag <= p; lag++) row[lag] = moves[at - lag]! - this.anchor;
      row[p + 1] = 1;
      this.equations.add(row);
      this.naiveSquares += (values[at]! - values[at - 1]!) ** 2;
    }
    this.taken = Math.max(this.taken, last + 1);
  }

  /** The best model of the rows taken in. */
  fit(): FitResult {
    const { order, search } = this.settings;
    if (!search) return this.fitOrder(order.p, order.q).result;
    const fits = Array.from({ length: (order.p + 1) * (order.q + 1) }, (_, at) =>
      this.fitOrder(at % (order.p + 1), Math.floor(at / (order.p + 1))),
    );
    const best = fits.reduce((left, right) => (right.criterion < left.criterion ? right : left));
    return best.result;
  }

  private fitOrder(p: number, q: number): { result: FitResult; criterion: number } {
    const withConstant = this.settings.order.d === 0;
    const fitted = q === 0 ? this.fitAutoregression(p, withConstant) : this.fitMovingAverage(p, q, withConstant);
    const failure = this.failureOf(fitted);
    if (failure !== null || fitted === null) {
      return { result: { model: null, failure: failure ?? 'not finite' }, criterion: Infinity };
    }
    const { ar, ma, squares } = fitted;
    const anchored = this.anchor * (1 - ar.reduce((sum, value) => sum + value, 0));
    const constant = withConstant ? fitted.constant + anchored : 0;
    const model = { d: this.settings.order.d, constant, ar, ma };
    return { result: { model, failure: null }, criterion: this.criterion(squares, p + q + (withConstant ? 1 : 0)) };
  }

  private fitAutoregression(p: number, withConstant: boolean): ArmaFit {
    const lags = Array.from({ length: p }, (_, at) => at + 1);
    const constantAt = this.settings.order.p + 1;
    const { coefficients, squares } = this.equations.fit(withConstant ? [...lags, constantAt] : lags);
    const constant = withConstant ? coefficients[p]! : 0;
    return { constant, ar: coefficients.slice(0, p), ma: new Float64Array(0), squares };
  }

  private fitMovingAverage(p: number, q: number, withConstant: boolean): ArmaFit | null {
    return fitConditionalSum(this.fitRows(), p, q, withConstant);
  }

  private fitRows(): FitRows {
    const first = this.start + this.settings.order.d;
    const moves = this.moves.subarray(first, this.taken).map((move) => move - this.anchor);
    const counted = Uint8Array.from(moves, (_, at) => (this.counts(first + at, this.lead) ? 1 : 0));
    return { moves, counted, count: this.equations.rows };
  }

  private counts(row: number, lead: number): boolean {
    if (row - lead < this.start + this.settings.order.d) return false;
    for (let at = row - lead; at <= row; at++) if (Number.isNaN(this.moves[at]!)) return false;
    return true;
  }

  private failureOf(fitted: ArmaFit | null): FitFailure | null {
    if (fitted === null) return 'not finite';
    const { constant, ar, ma, squares } = fitted;
    if (![constant, squares, ...ar, ...ma].every(Number.isFinite)) return 'not finite';
    if (!isStationary(ar) || !isInvertible(ma)) return 'not stationary';
    return squares > this.settings.failureFactor ** 2 * this.naiveSquares ? 'worse than naive' : null;
  }

  /** AICc = n ln(σ²) + 2k + 2k(k + 1) / (n − k − 1), σ² counted among the k parameters (Hurvich & Tsai 1989). */
  private criterion(squares: number, coefficients: number): number {
    const n = this.equations.rows;
    const k = coefficients + 1;
    return n * Math.log(squares / n) + 2 * k + (2 * k * (k + 1)) / Math.max(1, n - k - 1);
  }
}
