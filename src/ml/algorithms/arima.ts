import { TrainyardError } from '../../common/errors/index.js';
import type { ParameterSpace, ValuesOf } from '../parameters.js';
import type { WindowedData } from '../windows/windowed-data.js';
import type { Algorithm } from './algorithm.js';
import { chooseDifferences } from './statistical/differencing.js';
import {
  fitLocal,
  restoreLocal,
  type LocalFamily,
  type LocalFit,
  type LocalOpener,
  type LocalWatch,
} from './statistical/local-training.js';
import { repeatDeviation, sarimaDeviations } from './statistical/forecast-deviations.js';
import { normalRules } from './statistical/local-rules.js';
import { ConditionalSeries, fitSarima, type SarimaFit } from './statistical/sarima-fit.js';
import {
  difference,
  differenceLags,
  rowsBefore,
  sarimaName,
  type SarimaModel,
  type SarimaOrder,
} from './statistical/sarima-model.js';
import { searchSarima, type SearchLimits } from './statistical/sarima-search.js';
import { openSarimaWindow } from './statistical/sarima-window.js';
import { failureFactorParameter, seasonLengthParameter, usableSeason } from './statistical/season.js';

const orderParameter = { kind: 'integers', minimum: 0, maximum: 10, minimumLength: 3, maximumLength: 3 } as const;

const hyperparameters = {
  search: {
    kind: 'boolean',
    default: true,
    description:
      'Find the order of each target: differences by tests, the rest by AICc, step by step. Else order is used.',
  },
  order: {
    ...orderParameter,
    default: [1, 1, 1],
    description: 'Without search: autoregressive order p, differences d (at most 2), moving-average order q.',
  },
  seasonalOrder: {
    ...orderParameter,
    default: [0, 0, 0],
    description: 'Without search: seasonal orders P, D (at most 1), Q.',
  },
  constant: {
    kind: 'boolean',
    default: true,
    description: 'Without search: a mean where nothing is differenced, a drift after one difference; none after two.',
  },
  maximumOrder: { ...orderParameter, default: [5, 2, 5], description: 'With search: largest p, d (at most 2) and q.' },
  maximumSeasonalOrder: {
    ...orderParameter,
    default: [2, 1, 2],
    description: 'With search: largest P, D (at most 1) and Q.',
  },
  seasonLength: seasonLengthParameter,
  failureFactor: failureFactorParameter,
} as const satisfies ParameterSpace;

type ArimaParameters = ValuesOf<typeof hyperparameters>;

/** More rows than this before the first counted one gain nothing. */
const MAXIMUM_LEAD_SHARE = 0.25;

/**
 * Seasonal ARIMA, one model per target: `SarimaModel` has the equation, `fitSarima` the estimation, `searchSarima` and
 * `chooseDifferences` the search, `openSarimaWindow` how a forecast is made from one window. In original units where the
 * scaling allows it. Source: Box & Jenkins 1970; search by Hyndman & Khandakar 2008.
 */
export const arima: Algorithm = {
  name: 'arima',
  title: 'ARIMA',
  description:
    'Seasonal ARIMA for each target, its order found by tests and AICc, estimated by conditional least squares. Reads no ' +
    'features.',
  family: 'statistical',
  usesFeatures: false,
  usesWeights: false,
  hyperparameters,
  async fit(data, values, context) {
    const parameters = values as ArimaParameters;
    const asked = parameters.search ? null : askedOrder(parameters, data);
    const isRequired = asked !== null && asked.seasonalP + asked.seasonalD + asked.seasonalQ > 0;
    const season =
      asked !== null && !isRequired
        ? { rows: 1, whyNot: null }
        : usableSeason('arima', parameters.seasonLength, isRequired, data);
    if (season.whyNot !== null) context.log('warn', season.whyNot);
    const seasonLength = season.rows;
    const order = asked === null ? null : fittingOrder({ ...asked, seasonLength }, data);
    const family: LocalFamily = {
      ...FAMILY,
      fit: (series, watch) =>
        order === null
          ? findArima(series, seasonLength, searchLimits(parameters, data.lookBack), watch)
          : fitArima(order, series, watch),
    };
    const { failureFactor } = parameters;
    return fitLocal({ family, failureFactor, seasonLength }, data, parameters, context);
  },
  restore: async (state) => restoreLocal(state, FAMILY),
};

const FAMILY: LocalOpener = {
  algorithm: 'arima',
  open(numbers, lookBack, horizon) {
    const { model, variance } = decode(numbers);
    return normalRules(
      openSarimaWindow(model, lookBack),
      variance === null ? null : sarimaDeviations(model, variance, horizon),
    );
  },
};

type Triple = readonly [number, number, number];

interface ArimaLimits extends SearchLimits {
  readonly d: number;
  readonly seasonalD: number;
}

function searchLimits({ maximumOrder, maximumSeasonalOrder }: ArimaParameters, lookBack: number): ArimaLimits {
  const [p, d, q] = maximumOrder as Triple;
  const [seasonalP, seasonalD, seasonalQ] = maximumSeasonalOrder as Triple;
  checkDifferences('maximumOrder', 'maximumSeasonalOrder', d, seasonalD);
  return { p, d, q, seasonalP, seasonalD, seasonalQ, lookBack };
}

function askedOrder(
  { order, seasonalOrder, constant, seasonLength }: ArimaParameters,
  data: WindowedData,
): SarimaOrder {
  const [p, d, q] = order as Triple;
  const [seasonalP, seasonalD, seasonalQ] = seasonalOrder as Triple;
  checkDifferences('order', 'seasonalOrder', d, seasonalD);
  const rows = seasonLength === 0 ? data.seasonLength : seasonLength;
  const withConstant = constant && d + seasonalD <= 1;
  return { p, d, q, seasonalP, seasonalD, seasonalQ, seasonLength: rows, withConstant };
}

function checkDifferences(name: string, seasonalName: string, d: number, seasonalD: number): void {
  const refuse = (path: string, value: number, maximum: number): TrainyardError =>
    new TrainyardError(
      'PARAMETER_INVALID',
      `algorithm.hyperparameters.${path} asks for ${value} differences; use at most ${maximum}.`,
      { path: `algorithm.hyperparameters.${path}`, value, maximum },
    );
  if (d > 2) throw refuse(name, d, 2);
  if (seasonalD > 1) throw refuse(seasonalName, seasonalD, 1);
}

function fittingOrder(order: SarimaOrder, { lookBack }: WindowedData): SarimaOrder {
  const needed = rowsBefore(order) + 1;
  if (lookBack >= needed) return order;
  throw new TrainyardError(
    'PARAMETER_INVALID',
    `${sarimaName(order)} needs ${needed} rows to forecast, but the look-back is ${lookBack} rows; set windows.lookBack ` +
      `to ${needed} or more, or lower the order.`,
    { path: 'windows.lookBack', value: lookBack, minimum: needed },
  );
}

async function findArima(
  series: Float64Array,
  seasonLength: number,
  limits: ArimaLimits,
  watch: LocalWatch,
): Promise<LocalFit> {
  await watch.pause(0);
  const hasRoom = (seasonalD: number): boolean => limits.lookBack > seasonalD * seasonLength + 2;
  const maximumD = Math.min(limits.d, limits.lookBack - 1);
  const differences = chooseDifferences(
    series,
    seasonLength,
    maximumD,
    hasRoom(limits.seasonalD) ? limits.seasonalD : 0,
  );
  const base = { ...differences, seasonLength };
  const w = difference(
    series,
    differenceLags({ ...base, p: 0, q: 0, seasonalP: 0, seasonalQ: 0, withConstant: false }),
  );
  const longest = (p: number, seasonal: number): number => p + (seasonLength > 1 ? seasonal * seasonLength : 0);
  const lead = longest(limits.p, limits.seasonalP);
  const pad = Math.max(lead, longest(limits.q, limits.seasonalQ));
  const search = searchSarima(base, limits, conditionalSeries(w, pad, lead), () => watch.isOver());
  let step = search.next();
  while (step.done !== true) {
    await watch.pause(1 - 0.95 ** step.value);
    step = search.next(watch.isOver() ? 'stop' : undefined);
  }
  const { best, tried } = step.value;
  return best === null ? randomWalk(series, watch, tried) : told(best, tried, watch);
}

async function fitArima(order: SarimaOrder, series: Float64Array, watch: LocalWatch): Promise<LocalFit> {
  await watch.pause(0);
  const { p, q, seasonalP, seasonalQ, seasonLength } = order;
  const lead = p + seasonalP * seasonLength;
  const w = difference(series, differenceLags(order));
  const conditional = conditionalSeries(w, Math.max(lead, q + seasonalQ * seasonLength), lead);
  const fit = fitSarima(order, conditional, null, () => watch.isOver());
  return fit === null ? randomWalk(series, watch, 1) : told(fit, 1, watch);
}

/** All runs of observed rows long enough; where the lead would take too much of them, with a shorter one. */
function conditionalSeries(w: Float64Array, pad: number, lead: number): ConditionalSeries {
  const known = w.reduce((count, value) => (Number.isNaN(value) ? count : count + 1), 0);
  const series = new ConditionalSeries(w, pad, Math.min(lead, Math.floor(known * MAXIMUM_LEAD_SHARE)));
  return series.count >= known / 2 ? series : new ConditionalSeries(w, pad, 0);
}

/** Nothing could be estimated from this few rows: the naive forecast, and the log says so. */
function randomWalk(series: Float64Array, watch: LocalWatch, tried: number): LocalFit {
  const known = series.reduce((count, value) => (Number.isNaN(value) ? count : count + 1), 0);
  watch.log('warn', `No ARIMA model could be estimated from ${known} observed train rows; the naive forecast is used.`);
  const order = { p: 0, d: 1, q: 0, seasonalP: 0, seasonalD: 0, seasonalQ: 0, seasonLength: 1, withConstant: false };
  const model = { order, mean: 0, coefficients: new Float64Array(0), variance: repeatDeviation(series, 1) ** 2 };
  return { name: sarimaName(order), numbers: encode(model), tried };
}

function told(fit: SarimaFit, tried: number, watch: LocalWatch): LocalFit {
  const name = sarimaName(fit.order);
  const of = tried > 1 ? ` of ${tried} models` : '';
  watch.log(
    'info',
    `${name}${of}, AICc ${fit.aicc.toPrecision(6)}, deviation ${Math.sqrt(fit.variance).toPrecision(4)}`,
  );
  return { name, numbers: encode(fit), tried };
}

/** The order of these numbers is what models are stored in; older ones end before σ². */
function encode({ order, mean, coefficients, variance }: SarimaModel & Pick<SarimaFit, 'variance'>): Float64Array {
  const { p, d, q, seasonalP, seasonalD, seasonalQ, seasonLength, withConstant } = order;
  const orders = [p, d, q, seasonalP, seasonalD, seasonalQ, seasonLength, withConstant ? 1 : 0];
  return Float64Array.of(...orders, mean, ...coefficients, variance);
}

function decode(numbers: Float64Array): { readonly model: SarimaModel; readonly variance: number | null } {
  const at = (position: number): number => numbers[position] ?? NaN;
  const order = {
    p: at(0),
    d: at(1),
    q: at(2),
    seasonalP: at(3),
    seasonalD: at(4),
    seasonalQ: at(5),
    seasonLength: at(6),
    withConstant: at(7) === 1,
  };
  const end = 9 + order.p + order.q + order.seasonalP + order.seasonalQ;
  return { model: { order, mean: at(8), coefficients: numbers.slice(9, end) }, variance: numbers[end] ?? null };
}
