import type { ParameterValues } from '../../parameters.js';
import type { InputMatrix, WindowedData } from '../../windows/windowed-data.js';
import type { FitOutcome, Forecaster, ModelState, TrainingContext } from '../algorithm.js';
import { numbersFact, ownSeriesFacts, ownValue, readOwnSeries } from '../own-series.js';
import { meanSquaredError, throwIfCancelled } from '../training-loss.js';
import type { WindowRule } from '../window-rule.js';
import { repeatDeviation, repeatDeviations } from './forecast-deviations.js';
import { normalRules, type LocalRules } from './local-rules.js';
import { findOwnUnits, readOutUnits } from './own-units.js';
import { repeatSeason } from './repeat-season.js';

/** A model of one series. */
export interface LocalFit {
  /** How people call it: `AAdM`, `ARIMA(1,0,1)(0,1,1)[12]`. */
  readonly name: string;
  /** All that forecasting needs, the family's own order. */
  readonly numbers: Float64Array;
  /** Models that were estimated to find it. */
  readonly tried: number;
}

/** What a fit of one series may ask for while it runs. */
export interface LocalWatch {
  /** Between two estimations; throws `CANCELLED`. `share` of this series' work is done. */
  pause(share: number): Promise<void>;
  /** Inside an estimation: true once the budget is used up. Throws `CANCELLED`. */
  isOver(): boolean;
  log(level: 'info' | 'warn', message: string): void;
}

/** What forecasting needs to know of a family. */
export interface LocalOpener {
  readonly algorithm: string;
  /** Rules over windows of `lookBack` rows from the numbers of a fit. */
  open(numbers: Float64Array, lookBack: number, horizon: number): LocalRules;
}

export interface LocalFamily extends LocalOpener {
  fit(series: Float64Array, watch: LocalWatch): Promise<LocalFit>;
}

export interface LocalTraining {
  readonly family: LocalFamily;
  /** A model whose root mean squared error is more than this many times the better naive one's is replaced by that. */
  readonly failureFactor: number;
  /** For the seasonal-naive forecast to compare with; 1 for none. */
  readonly seasonLength: number;
}

/** Share of the train windows that judge a model where there is no validation window. */
const JUDGED_SHARE = 0.2;

/**
 * Trains one model per target, on the target's own train part, and judges it on the validation windows beside the naive
 * and the seasonal-naive forecast: a failure is replaced, recorded and told.
 */
export async function fitLocal(
  { family, failureFactor, seasonLength }: LocalTraining,
  data: WindowedData,
  hyperparameters: ParameterValues,
  context: TrainingContext,
): Promise<FitOutcome> {
  throwIfCancelled(context);
  const units = findOwnUnits(data);
  const { names } = data.targets;
  let cutShort = false;
  const isOver = (): boolean => {
    throwIfCancelled(context);
    cutShort ||= context.maxRuntimeMs !== null && context.elapsedMs() >= context.maxRuntimeMs;
    return cutShort;
  };
  const fits: LocalFit[] = [];
  for (const [k, series] of units.series.entries()) {
    const whose = names.length > 1 ? `${names[k]}: ` : '';
    const watch: LocalWatch = {
      isOver,
      async pause(share) {
        throwIfCancelled(context);
        context.onProgress({ fraction: (0.9 * (k + share)) / names.length, epoch: 0, epochs: 0, loss: null });
        await context.breathe();
      },
      log: (level, message) => context.log(level, whose + message),
    };
    fits.push(await family.fit(series, watch));
  }
  const repeats = names.map(() => 0);
  const deviations = names.map(() => 0);
  const stateWith = (): ModelState => ({
    format: 1,
    algorithm: family.algorithm,
    hyperparameters,
    lookBack: data.lookBack,
    horizon: data.horizon,
    inputs: data.inputs.names,
    targets: names,
    facts: {
      ...ownSeriesFacts(units.own),
      outSlopes: units.outSlopes,
      outIntercepts: units.outIntercepts,
      models: fits.map(({ name }) => name).join(', '),
      // Rows of the season that is repeated in place of the model; 0: it is the model that forecasts.
      repeats: [...repeats],
      // Deviation of a repeated season from the next one, in the model's units; 0 where the model forecasts.
      repeatDeviations: [...deviations],
    },
    tensors: Object.fromEntries(
      fits.map(({ numbers }, k) => [`models/${k}`, { shape: [numbers.length], data: numbers }]),
    ),
  });
  await replaceFailures(stateWith(), family, { failureFactor, seasonLength }, data, context, repeats);
  repeats.forEach((rows, k) => (deviations[k] = rows > 0 ? repeatDeviation(units.series[k]!, rows) : 0));
  const model = stateWith();
  const forecaster = restoreLocal(model, family);
  const loss = (await meanSquaredError(data, forecaster, data.origins.train, context)) ?? 0;
  const validationLoss = await meanSquaredError(data, forecaster, data.origins.validation, context);
  context.onProgress({ fraction: 1, epoch: 0, epochs: 0, loss });
  return {
    model,
    iterations: fits.reduce((sum, { tried }) => sum + tried, 0),
    bestEpoch: null,
    loss,
    validationLoss,
    stopReason: cutShort ? 'budget' : 'completed',
    engine: 'closed-form',
  };
}

async function replaceFailures(
  state: ModelState,
  family: LocalOpener,
  { failureFactor, seasonLength }: Pick<LocalTraining, 'failureFactor' | 'seasonLength'>,
  data: WindowedData,
  context: TrainingContext,
  repeats: number[],
): Promise<void> {
  const { train, validation } = data.origins;
  const judged = validation.length > 0 ? validation : train.slice(Math.floor(train.length * (1 - JUDGED_SHARE)));
  const errors = (of: ModelState): Promise<number[]> => squaredErrors(data, restoreLocal(of, family), judged, context);
  const repeating = (rows: number): ModelState => ({
    ...state,
    facts: { ...state.facts, repeats: state.targets.map(() => rows) },
  });
  const ofModel = await errors(state);
  const seasons = [1, ...(seasonLength > 1 && seasonLength <= data.lookBack ? [seasonLength] : [])];
  const ofNaive: number[][] = [];
  for (const rows of seasons) ofNaive.push(await errors(repeating(rows)));
  state.targets.forEach((target, k) => {
    const best = ofNaive.reduce((at, each, i) => (each[k]! < ofNaive[at]![k]! ? i : at), 0);
    const naive = ofNaive[best]![k]!;
    const finite = Number.isFinite(ofModel[k]!);
    if (finite && ofModel[k]! <= failureFactor ** 2 * naive) return;
    // A naive forecast without any error would condemn every model, however good.
    if (finite && naive <= 1e-20) return;
    repeats[k] = seasons[best]!;
    const times = Math.sqrt(ofModel[k]! / naive);
    context.log(
      'warn',
      `${target}: the model fails on ${validation.length > 0 ? 'the validation part' : 'the last train windows'}: ` +
        `its root mean squared error is ${finite ? `${times.toPrecision(3)} times` : 'not finite beside'} that of the ` +
        `${best === 0 ? 'naive' : 'seasonal-naive'} forecast, and up to ${failureFactor} times are allowed. The ` +
        `${best === 0 ? 'naive' : 'seasonal-naive'} forecast takes its place.`,
    );
  });
}

/** Sum of squared errors of each target; NaN where a forecast is not finite. */
async function squaredErrors(
  data: WindowedData,
  forecaster: Forecaster,
  origins: Int32Array,
  context: TrainingContext,
): Promise<number[]> {
  const { horizon, targets } = data;
  const sums = targets.columns.map(() => 0);
  for (let from = 0; from < origins.length; from += 512) {
    throwIfCancelled(context);
    const part = origins.subarray(from, from + 512);
    const forecasts = await forecaster.forecast(data.inputs, part);
    let at = 0;
    for (const origin of part) {
      for (let step = 1; step <= horizon; step++) {
        for (let k = 0; k < sums.length; k++) {
          sums[k] = sums[k]! + (forecasts[at++]! - targets.columns[k]![origin + step]!) ** 2;
        }
      }
    }
    await context.breathe();
  }
  return sums;
}

export function restoreLocal(state: ModelState, family: LocalOpener): Forecaster {
  const own = readOwnSeries(state);
  const { outSlopes, outIntercepts } = readOutUnits(state);
  const { lookBack, horizon } = state;
  const targets = state.targets.length;
  const stored = state.facts['repeatDeviations'];
  const rules = numbersFact(state, 'repeats').map((rows, k): LocalRules => {
    if (rows > 0) {
      // Models stored before there were quantiles do not have it.
      const deviation = typeof stored === 'object' ? stored[k]! : null;
      return normalRules(
        (window, out) => repeatSeason(window, rows, out),
        deviation === null ? null : repeatDeviations(rows, deviation, horizon),
      );
    }
    const numbers = state.tensors[`models/${k}`]?.data;
    if (!(numbers instanceof Float64Array)) throw new Error(`${state.algorithm} states have float64 models/${k}`);
    return family.open(numbers, lookBack, horizon);
  });

  /** What the rules write, `each` numbers for each step, [origins, horizon, targets, each]. */
  function apply(
    inputs: InputMatrix,
    origins: Int32Array,
    ofTarget: readonly WindowRule[],
    each: number,
  ): Float64Array {
    const results = new Float64Array(origins.length * horizon * targets * each);
    const window = new Float64Array(lookBack);
    const out = new Float64Array(horizon * each);
    ofTarget.forEach((rule, k) => {
      for (let at = 0; at < origins.length; at++) {
        const first = origins[at]! - lookBack + 1;
        for (let i = 0; i < lookBack; i++) window[i] = ownValue(inputs, own, k, first + i);
        rule(window, out);
        for (let h = 0; h < horizon; h++) {
          results.set(out.subarray(h * each, (h + 1) * each), ((at * horizon + h) * targets + k) * each);
        }
      }
    });
    return results;
  }

  /** A rule whose values are in the model's units, as one in target units. */
  const inTargetUnits =
    (rule: WindowRule, k: number): WindowRule =>
    (window, out) => {
      rule(window, out);
      for (let at = 0; at < out.length; at++) out[at] = outSlopes[k]! * out[at]! + outIntercepts[k]!;
    };
  /** Where target units run the other way round, a low quantile is a high one of the model's units, and down is up. */
  const turned =
    (rule: WindowRule, each: number): WindowRule =>
    (window, out) => {
      rule(window, out);
      for (let h = 0; h < horizon; h++) out.subarray(h * each, (h + 1) * each).reverse();
    };

  return {
    forecast: async (inputs, origins) =>
      apply(
        inputs,
        origins,
        rules.map(({ forecast }, k) => inTargetUnits(forecast, k)),
        1,
      ),
    ...(rules.every(({ quantiles }) => quantiles !== null) && {
      async forecastQuantiles(inputs: InputMatrix, origins: Int32Array, levels: readonly number[]) {
        const mirrored = levels.map((level) => 1 - level).reverse();
        const ofTarget = rules.map(({ quantiles }, k) => {
          const rule = outSlopes[k]! >= 0 ? quantiles!(levels) : turned(quantiles!(mirrored), levels.length);
          return inTargetUnits(rule, k);
        });
        return apply(inputs, origins, ofTarget, levels.length);
      },
    }),
    ...(rules.every(({ changes }) => changes !== null) && {
      async changeProbabilities(inputs: InputMatrix, origins: Int32Array, limits: readonly Float64Array[]) {
        const ofTarget = rules.map(({ changes }, k) => {
          const rule = changes!(limits[k]!.map((limit) => limit / Math.abs(outSlopes[k]!)));
          return outSlopes[k]! >= 0 ? rule : turned(rule, 3);
        });
        return apply(inputs, origins, ofTarget, 3);
      },
    }),
    dispose() {},
  };
}
