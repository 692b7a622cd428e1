import type { ParameterSpace, ValuesOf } from '../parameters.js';
import type { Algorithm } from './algorithm.js';
import { classicalSeason, isSeasonal } from './statistical/classical-season.js';
import { fitEts } from './statistical/ets-fit.js';
import {
  fitLocal,
  restoreLocal,
  type LocalFamily,
  type LocalFit,
  type LocalOpener,
  type LocalWatch,
} from './statistical/local-training.js';
import { failureFactorParameter, seasonLengthParameter, usableSeason } from './statistical/season.js';
import { openThetaRules, thetaVariance } from './statistical/theta-window.js';

const hyperparameters = {
  season: {
    kind: 'choice',
    values: ['auto', 'multiplicative', 'additive', 'none'],
    default: 'auto',
    description:
      'auto adjusts for a season where the autocorrelation says so at 90 %, multiplicative where every value is positive.',
  },
  seasonLength: seasonLengthParameter,
  failureFactor: failureFactorParameter,
} as const satisfies ParameterSpace;

type ThetaParameters = ValuesOf<typeof hyperparameters>;

/**
 * The standard Theta method, winner of the M3 competition: `openThetaRules` has formulas and sources. Of each target the
 * train part gives α, by maximum likelihood of simple exponential smoothing after seasonal adjustment, and whether there
 * is a season (`isSeasonal`). In original units where the scaling allows it.
 */
export const theta: Algorithm = {
  name: 'theta',
  title: 'Theta',
  description:
    'Exponential smoothing with half the slope of the window as drift, after seasonal adjustment. One number is learned, ' +
    'and it is hard to beat on short series.',
  family: 'statistical',
  usesFeatures: false,
  usesWeights: false,
  hyperparameters,
  async fit(data, values, context) {
    const parameters = values as ThetaParameters;
    const { season, failureFactor } = parameters;
    const isRequired = season === 'multiplicative' || season === 'additive';
    const usable =
      season === 'none' ? { rows: 1, whyNot: null } : usableSeason('theta', parameters.seasonLength, isRequired, data);
    if (usable.whyNot !== null) context.log('warn', usable.whyNot);
    const seasonLength = usable.rows;
    const family: LocalFamily = { ...FAMILY, fit: (series, watch) => fitTheta(season, seasonLength, series, watch) };
    return fitLocal({ family, failureFactor, seasonLength }, data, parameters, context);
  },
  restore: async (state) => restoreLocal(state, FAMILY),
};

/** Numbers of a model: rows of its season or 0, whether that multiplies, α, σ², which older ones do not have. */
const FAMILY: LocalOpener = {
  algorithm: 'theta',
  open([seasonLength, multiplies, alpha, variance], lookBack, horizon) {
    if (seasonLength === undefined || alpha === undefined) throw new Error('these are numbers of no Theta model');
    const model = { seasonLength, multiplies: multiplies === 1, alpha };
    return openThetaRules(model, variance ?? null, lookBack, horizon);
  },
};

const SMOOTHING = { error: 'A', trend: 'N', season: 'N' } as const;

async function fitTheta(
  season: string,
  seasonLength: number,
  series: Float64Array,
  watch: LocalWatch,
): Promise<LocalFit> {
  await watch.pause(0);
  const isPositive = series.every((value) => Number.isNaN(value) || value > 0);
  if (season === 'multiplicative' && !isPositive) {
    watch.log('warn', 'A value of the train part is not positive: the season adds instead of multiplying.');
  }
  const multiplies = season !== 'additive' && isPositive;
  const wanted = seasonLength > 1 && (season !== 'auto' || isSeasonal(series, seasonLength));
  const parts = wanted ? classicalSeason(series, seasonLength, multiplies) : null;
  const adjusted =
    parts === null
      ? series
      : series.map((value, row) => {
          const part = parts[row % seasonLength]!;
          return multiplies ? value / part : value - part;
        });
  const fit = fitEts(SMOOTHING, 1, adjusted, () => watch.isOver());
  if (fit === null) throw new Error('simple exponential smoothing can be fitted to any finite series');
  const { alpha } = fit.smoothing;
  const kind =
    parts === null ? 'no season' : `${multiplies ? 'multiplicative' : 'additive'} season of ${seasonLength} rows`;
  watch.log('info', `Theta with ${kind}, alpha ${alpha.toPrecision(3)}`);
  return {
    name: parts === null ? 'theta' : `theta ${multiplies ? 'multiplicative' : 'additive'}`,
    numbers: Float64Array.of(
      parts === null ? 0 : seasonLength,
      multiplies ? 1 : 0,
      alpha,
      thetaVariance(alpha, adjusted),
    ),
    tried: 1,
  };
}
