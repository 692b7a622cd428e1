import { fitSarima, type ConditionalSeries, type SarimaFit } from './sarima-fit.js';
import { isAllowed, partsOf, rowsBefore, type SarimaOrder } from './sarima-model.js';

export interface SearchLimits {
  readonly p: number;
  readonly q: number;
  readonly seasonalP: number;
  readonly seasonalQ: number;
  /** Rows of a window: orders that need all of them before their first innovation are not tried. */
  readonly lookBack: number;
}

/** Models tried at most, as in R's `auto.arima`. */
const MAXIMUM_MODELS = 94;

const STEPS: readonly (readonly [p: number, q: number, seasonalP: number, seasonalQ: number])[] = [
  [0, 0, -1, 0],
  [0, 0, 0, -1],
  [0, 0, 1, 0],
  [0, 0, 0, 1],
  [0, 0, -1, -1],
  [0, 0, 1, 1],
  [-1, 0, 0, 0],
  [0, -1, 0, 0],
  [1, 0, 0, 0],
  [0, 1, 0, 0],
  [-1, -1, 0, 0],
  [1, 1, 0, 0],
];

/**
 * The stepwise search of Hyndman & Khandakar (Automatic Time Series Forecasting, Journal of Statistical Software 27,
 * 2008): from the best of a few simple orders to the best neighbour, differing by one in p, q, P, Q or the constant, until
 * none has a smaller AICc. Given differences, all orders are compared on the same rows. Yields after each model tried;
 * sending `stop` ends with the best so far.
 */
export function* searchSarima(
  base: Pick<SarimaOrder, 'd' | 'seasonalD' | 'seasonLength'>,
  limits: SearchLimits,
  series: ConditionalSeries,
  isOver: () => boolean,
): Generator<number, { best: SarimaFit | null; tried: number }, 'stop' | undefined> {
  const tried = new Set<string>();
  const mayHaveConstant = base.d + base.seasonalD <= 1;
  const seasonal = base.seasonLength > 1;
  let best: SarimaFit | null = null;

  const orderOf = (p: number, q: number, seasonalP: number, seasonalQ: number, constant: boolean): SarimaOrder => ({
    ...base,
    p: Math.min(p, limits.p),
    q: Math.min(q, limits.q),
    seasonalP: seasonal ? Math.min(seasonalP, limits.seasonalP) : 0,
    seasonalQ: seasonal ? Math.min(seasonalQ, limits.seasonalQ) : 0,
    withConstant: constant && mayHaveConstant,
  });
  const isWithin = (order: SarimaOrder): boolean =>
    Math.min(order.p, order.q, order.seasonalP, order.seasonalQ) >= 0 && rowsBefore(order) < limits.lookBack;
  /** True when it is the best so far. */
  const attempt = (order: SarimaOrder): boolean | null => {
    const key = [order.p, order.q, order.seasonalP, order.seasonalQ, order.withConstant].join();
    if (tried.has(key) || tried.size >= MAXIMUM_MODELS || !isWithin(order)) return null;
    tried.add(key);
    const fit = fitSarima(order, series, best === null ? null : warmStart(best, order), isOver);
    if (fit === null || (best !== null && !(fit.aicc < best.aicc))) return false;
    best = fit;
    return true;
  };

  for (const order of [
    orderOf(0, 0, 0, 0, true),
    orderOf(2, 2, 1, 1, true),
    orderOf(1, 0, 1, 0, true),
    orderOf(0, 1, 0, 1, true),
    orderOf(0, 0, 0, 0, false),
  ]) {
    if (attempt(order) !== null && (yield tried.size) === 'stop') return { best, tried: tried.size };
  }
  for (let improved = best !== null; improved;) {
    improved = false;
    const from: SarimaOrder = best!.order;
    const neighbours = STEPS.map(([p, q, seasonalP, seasonalQ]) =>
      orderOf(from.p + p, from.q + q, from.seasonalP + seasonalP, from.seasonalQ + seasonalQ, from.withConstant),
    );
    neighbours.push({ ...from, withConstant: !from.withConstant && mayHaveConstant });
    for (const order of neighbours) {
      const better = attempt(order);
      if (better !== null && (yield tried.size) === 'stop') return { best, tried: tried.size };
      if (better === true) {
        improved = true;
        break;
      }
    }
  }
  return { best, tried: tried.size };
}

/** The coefficients of a neighbour where both have them, 0 elsewhere; null where that is not stationary. */
function warmStart(from: SarimaFit, order: SarimaOrder): Float64Array | null {
  const start = new Float64Array(order.p + order.seasonalP + order.q + order.seasonalQ);
  const source = partsOf(from.order, from.coefficients);
  const target = partsOf(order, start);
  for (const part of ['ar', 'seasonalAr', 'ma', 'seasonalMa'] as const) {
    target[part].set(source[part].subarray(0, target[part].length));
  }
  return isAllowed(order, start) ? start : null;
}
