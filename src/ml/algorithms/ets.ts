import { TrainyardError } from '../../common/errors/index.js';
import type { ParameterSpace, ValuesOf } from '../parameters.js';
import type { WindowedData } from '../windows/windowed-data.js';
import type { Algorithm } from './algorithm.js';
import { ETS_KINDS, etsName, type EtsKind } from './statistical/ets-model.js';
import { fitEts, type EtsFit } from './statistical/ets-fit.js';
import { openEtsRules, type EtsModel } from './statistical/ets-window.js';
import {
  fitLocal,
  restoreLocal,
  type LocalFamily,
  type LocalFit,
  type LocalOpener,
  type LocalWatch,
} from './statistical/local-training.js';
import { failureFactorParameter, seasonLengthParameter, usableSeason } from './statistical/season.js';

const hyperparameters = {
  model: {
    kind: 'choice',
    values: ['auto', ...ETS_KINDS.map(etsName)],
    default: 'auto',
    description:
      'Error, trend, season: A additive, M multiplicative, N none, Ad damped. auto takes the smallest AICc, ' +
      'multiplicative ones only where every value is positive.',
  },
  seasonLength: seasonLengthParameter,
  failureFactor: failureFactorParameter,
} as const satisfies ParameterSpace;

type EtsParameters = ValuesOf<typeof hyperparameters>;

/**
 * Exponential smoothing in state-space form, one model per target: `EtsKind` has the equations, `fitEts` the likelihood,
 * `openEtsRules` how a forecast is made from one window, with its distribution. In original units where the scaling allows it.
 * Source: Hyndman, Koehler, Ord & Snyder, Forecasting with Exponential Smoothing: The State Space Approach, 2008.
 */
export const ets: Algorithm = {
  name: 'ets',
  title: 'Exponential smoothing',
  description:
    'Level, trend and season of each target, smoothed with weights found by maximum likelihood; the kind of model is ' +
    'chosen by AICc. Reads no features.',
  family: 'statistical',
  usesFeatures: false,
  usesWeights: false,
  hyperparameters,
  async fit(data, values, context) {
    const parameters = values as EtsParameters;
    const { kinds, seasonLength, whyNot } = candidates(parameters, data);
    if (whyNot !== null) context.log('warn', whyNot);
    const { failureFactor } = parameters;
    const family: LocalFamily = {
      ...FAMILY,
      fit: (series, watch) => chooseEts(kinds, parameters.model, seasonLength, series, watch),
    };
    return fitLocal({ family, failureFactor, seasonLength }, data, parameters, context);
  },
  restore: async (state) => restoreLocal(state, FAMILY),
};

const FAMILY: LocalOpener = {
  algorithm: 'ets',
  open: (numbers, lookBack, horizon) => openEtsRules(decode(numbers), lookBack, horizon),
};

function candidates(
  { model, seasonLength }: EtsParameters,
  data: WindowedData,
): { kinds: readonly EtsKind[]; seasonLength: number; whyNot: string | null } {
  const asked = ETS_KINDS.filter((kind) => etsName(kind) === model);
  const wanted = asked.length > 0 ? asked : ETS_KINDS;
  const isRequired = asked.some(({ season }) => season !== 'N');
  const season =
    asked.length > 0 && !isRequired ? { rows: 1, whyNot: null } : usableSeason('ets', seasonLength, isRequired, data);
  const kinds = wanted.filter(
    // A trend is a change: it takes two rows to be seen.
    ({ season: kind, trend }) => (kind === 'N' || season.rows > 1) && (trend === 'N' || data.lookBack > 1),
  );
  if (kinds.length === 0) {
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `ets ${model} has a trend, and a look-back of ${data.lookBack} row shows none; set windows.lookBack to 2 or more.`,
      { path: 'windows.lookBack', value: data.lookBack, minimum: 2 },
    );
  }
  return { kinds, seasonLength: season.rows, whyNot: season.whyNot };
}

async function chooseEts(
  kinds: readonly EtsKind[],
  model: string,
  seasonLength: number,
  series: Float64Array,
  watch: LocalWatch,
): Promise<LocalFit> {
  const isPositive = series.every((value) => Number.isNaN(value) || value > 0);
  const allowed = kinds.filter(({ error }) => error === 'A' || isPositive);
  let best: EtsFit | null = null;
  let tried = 0;
  for (const kind of allowed) {
    await watch.pause(tried / allowed.length);
    if (best !== null && watch.isOver()) break;
    const fit = fitEts(kind, seasonLength, series, () => watch.isOver());
    tried++;
    if (fit !== null && (best === null || fit.aicc < best.aicc)) best = fit;
  }
  if (best === null) {
    const smallest = series.reduce((least, value) => (value < least ? value : least), Infinity);
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `ets ${model} cannot be fitted: multiplicative models need positive values, and the smallest is ` +
        `${smallest.toPrecision(4)}; choose auto or a model with additive errors.`,
      { path: 'algorithm.hyperparameters.model', value: model, smallest },
    );
  }
  const { alpha, beta, gamma, phi } = best.smoothing;
  const shown = { alpha, beta, gamma, phi };
  const weights = Object.entries(shown).filter(([, value]) => value > 0 && value < 1);
  watch.log(
    'info',
    `ETS ${etsName(best.kind)} of ${tried} models, AICc ${best.aicc.toPrecision(6)}: ` +
      weights.map(([name, value]) => `${name} ${value.toPrecision(3)}`).join(', '),
  );
  return { name: etsName(best.kind), numbers: encode(best, seasonLength), tried };
}

const ERRORS = ['A', 'M'] as const;
const TRENDS = ['N', 'A', 'Ad'] as const;
const SEASONS = ['N', 'A', 'M'] as const;

/** What simulated futures are drawn from: part of the model, so that a window always gets the same. */
const SEED = 1;

/** The order of these numbers, and of the three lists above, is what models are stored in; older ones end before σ². */
function encode({ kind, smoothing, spread, variance }: EtsFit, seasonLength: number): Float64Array {
  return Float64Array.of(
    ERRORS.indexOf(kind.error),
    TRENDS.indexOf(kind.trend),
    SEASONS.indexOf(kind.season),
    kind.season === 'N' ? 0 : seasonLength,
    smoothing.alpha,
    smoothing.beta,
    smoothing.gamma,
    smoothing.phi,
    spread.error,
    spread.slopeMean,
    spread.slopeVariance,
    spread.seasonVariance,
    variance,
    SEED,
  );
}

function decode(numbers: Float64Array): EtsModel {
  const at = (position: number): number => numbers[position] ?? NaN;
  const [error, trend, season] = [ERRORS[at(0)], TRENDS[at(1)], SEASONS[at(2)]];
  if (error === undefined || trend === undefined || season === undefined)
    throw new Error('these are numbers of no ETS model');
  return {
    kind: { error, trend, season },
    seasonLength: at(3),
    smoothing: { alpha: at(4), beta: at(5), gamma: at(6), phi: at(7) },
    spread: { error: at(8), slopeMean: at(9), slopeVariance: at(10), seasonVariance: at(11) },
    variance: numbers[12] ?? null,
    seed: numbers[13] ?? SEED,
  };
}
