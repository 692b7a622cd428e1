import { TrainyardError } from '../../common/errors/index.js';
import {
  absoluteLoss,
  huberLoss,
  quantileLoss,
  softmaxLoss,
  squaredLoss,
  type BoostingLoss,
} from '../trees/boosting-loss.js';
import { treesTensors } from '../trees/compiled-trees.js';
import { splitImportance } from '../trees/flat-tree.js';
import { Booster, HeldOutRows, type BoostedTrees } from '../trees/gradient-boosting.js';
import { DIRECTIONS } from '../windows/direction-labels.js';
import type { WindowedData } from '../windows/windowed-data.js';
import type { Algorithm, FitOutcome, StateTensor, TrainingContext } from './algorithm.js';
import { restoreBoosting } from './boosting/boosting-forecaster.js';
import { BOOSTING_PARAMETERS, TREE_PARAMETERS, type BoostingParameters } from './boosting/boosting-parameters.js';
import { boostedOrigin, onTopOf } from './boosting/boosting-origin.js';
import { trainEnsembles, type EnsembleJob } from './boosting/boosting-training.js';
import {
  featureNames,
  ownColumns,
  planFacts,
  planFeatures,
  readPlan,
  type FeaturePlan,
} from './boosting/sample-features.js';
import { labelledOnly, sampleLabels } from './boosting/sample-labels.js';
import {
  chooseSamples,
  sampleBorders,
  sampleSums,
  sampleTable,
  sampleValues,
  type SampleList,
} from './boosting/training-rows.js';
import { originFeatures } from './linear/origin-features.js';
import { ownSeriesFacts, ownSeriesOf, readOwnSeries } from './own-series.js';
import { refuseOtherColumns } from './same-columns.js';
import { throwIfCancelled } from './training-loss.js';

/** Streams of random numbers beside those of the rounds. */
const STREAMS = { train: 21, validation: 22, ensembles: 23 } as const;
/** Validation samples for one that is learned from, at most. */
const VALIDATION_SHARE = 0.25;
const NAMED_COLUMNS = 5;

/**
 * Gradient-boosted regression trees over lags, see `FeaturePlan` for the columns and `Booster` for the trees:
 *
 *   ŷ[t + h] = v[t] + Σ_r tree_r(columns of origin t and step h)
 *
 * Under the task direction the trees add up to the logits of down, flat and up instead, one tree a round for each.
 * One ensemble serves all steps, with the step as a column; the seasonal lags are those of the forecast row. Early stopping
 * looks at the validation windows. Source: Ke et al., LightGBM, NeurIPS 2017; the pooled lag model as in the winning
 * entries of Makridakis et al., M5 accuracy competition, International Journal of Forecasting 38 (2022).
 */
export const boosting: Algorithm = {
  name: 'boosting',
  title: 'Gradient boosting',
  description:
    'Boosted decision trees over lags, seasonal lags, features and known-future covariates, one model for all assets: ' +
    'finds thresholds and interactions that linear models miss, and needs no scaling.',
  family: 'trees',
  usesFeatures: true,
  usesWeights: true,
  usesKnownFuture: true,
  supportsDirection: true,
  warmStart: { free: TREE_PARAMETERS },
  hyperparameters: BOOSTING_PARAMETERS,
  fit: (data, values, context) => fitBoosting(data, values as BoostingParameters, context),
  restore: restoreBoosting,
};

async function fitBoosting(
  data: WindowedData,
  parameters: BoostingParameters,
  context: TrainingContext,
): Promise<FitOutcome> {
  refuseContradictions(parameters, data);
  throwIfCancelled(context);
  const isDirection = data.directions !== undefined;
  const { warmStart } = context;
  const own = warmStart === undefined ? ownSeriesOf(data) : readOwnSeries(warmStart);
  const isRecursive = parameters.strategy === 'recursive' && data.horizon > 1;
  const features = parameters.exogenous === 'none' || isRecursive ? [] : originFeatures(data).features;
  const isShared = parameters.shared || data.targets.names.length === 1;
  const plan = planFeatures(data, {
    isNormalised: parameters.normalisation === 'last-value',
    lags: parameters.lags,
    featureColumns: features.map(({ columns }) => columns),
    readsTarget: isShared && data.targets.names.length > 1,
    readsStep: !isRecursive && data.horizon > 1,
  });
  if (warmStart !== undefined) refuseOtherColumns('trees', planFacts(plan), planFacts(readPlan(warmStart)));
  const origins = warmStart === undefined ? null : boostedOrigin(warmStart);
  const names = featureNames(
    plan,
    features.map(({ name }) => name),
    data.future?.names ?? [],
  );
  const levels = parameters.loss === 'quantile' && !isDirection ? parameters.levels : [];
  const each = Math.max(1, levels.length);
  const all = data.targets.names.map((_, k) => k);
  const jobs: EnsembleJob[] = [];
  for (const targets of isShared ? [all] : all.map((k) => [k])) {
    throwIfCancelled(context);
    const before = origins?.slice(jobs.length, jobs.length + each) ?? null;
    jobs.push(...ensembleJobs(plan, targets, ownColumns(data.inputs, own), data, parameters, context, before));
    await context.breathe();
  }
  context.log(
    'info',
    `${jobs.length} ensemble${jobs.length > 1 ? 's' : ''} over ${names.length} columns learn from ` +
      `${jobs[0]!.booster.rowCount} samples${jobs.length > 1 ? ' each' : ''}.`,
  );
  const trained = await trainEnsembles(jobs, parameters, context);
  const ensembles = onTopOf(origins, trained.ensembles);
  tellImportance(ensembles, names, context);
  const tensors: Record<string, StateTensor> = {};
  ensembles.forEach((ensemble, at) => Object.assign(tensors, treesTensors(ensemble, `trees/${at}/`)));
  return {
    model: {
      format: 1,
      algorithm: 'boosting',
      ...(isDirection && { task: 'direction' as const }),
      hyperparameters: parameters,
      lookBack: data.lookBack,
      horizon: data.horizon,
      inputs: data.inputs.names,
      targets: data.targets.names,
      facts: {
        ...ownSeriesFacts(own),
        ...planFacts(plan),
        strategy: isRecursive ? 'recursive' : 'direct',
        isShared,
        ensembles: jobs.length,
        levels: [...levels],
      },
      tensors,
    },
    iterations: trained.rounds,
    bestEpoch: trained.bestEpoch,
    loss: trained.loss,
    ...(isDirection && { lossName: 'log' }),
    validationLoss: trained.validationLoss,
    ...(warmStart !== undefined && { originLoss: trained.startLoss }),
    stopReason: trained.stopReason,
    engine: 'trees',
  };
}

function refuseContradictions({ loss, strategy, levels }: BoostingParameters, data: WindowedData): void {
  if (data.directions !== undefined) {
    if (strategy === 'direct' || data.horizon === 1) return;
    throw new TrainyardError(
      'PARAMETER_INVALID',
      'A direction is no value to go on from: use strategy direct with the task direction.',
      { path: 'algorithm.hyperparameters.strategy', value: strategy },
    );
  }
  if (loss !== 'quantile') return;
  if (strategy === 'recursive' && data.horizon > 1) {
    throw new TrainyardError(
      'PARAMETER_INVALID',
      'A quantile of one step says nothing of the quantiles of later ones: use strategy direct with the quantile loss.',
      { path: 'algorithm.hyperparameters.strategy', value: strategy },
    );
  }
  const at = levels.findIndex((level, n) => n > 0 && level <= levels[n - 1]!);
  if (at > 0) {
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `levels ascend, and ${levels[at]} comes after ${levels[at - 1]}; put them in order, each once.`,
      { path: 'algorithm.hyperparameters.levels', value: [...levels] },
    );
  }
}

/** One ensemble for these targets, or one for each level, over the same samples. */
function ensembleJobs(
  plan: FeaturePlan,
  targets: readonly number[],
  series: readonly Float64Array[],
  data: WindowedData,
  parameters: BoostingParameters,
  { seed }: TrainingContext,
  before: readonly BoostedTrees[] | null,
): EnsembleJob[] {
  const steps = plan.readsStep ? data.horizon : 1;
  const most = Math.ceil((parameters.maximumSamples * targets.length) / data.targets.names.length);
  const { train, validation } = data.origins;
  const chosen = chooseSamples({ origins: train, weights: data.weights }, targets, steps, most, seed, STREAMS.train);
  const chosenHeld = chooseSamples(
    { origins: validation },
    targets,
    steps,
    Math.ceil(most * VALIDATION_SHARE),
    seed,
    STREAMS.validation,
  );
  const [fitted, held] = data.directions
    ? [labelledOnly(chosen, data), labelledOnly(chosenHeld, data)]
    : [chosen, chosenHeld];
  const borders = sampleBorders(plan, fitted, data, series, parameters.bins);
  const table = sampleTable(plan, fitted, data, series, borders);
  const valuesOf = (list: SampleList): Float64Array =>
    data.directions ? sampleLabels(list, data) : sampleValues(plan, list, data, series);
  const values = valuesOf(fitted);
  const heldTable = sampleTable(plan, held, data, series, borders);
  const heldValues = valuesOf(held);
  const settings = { ...parameters, growth: parameters.growth === 'depth' ? ('depth' as const) : ('leaf' as const) };
  return (data.directions ? [softmaxLoss(DIRECTIONS.length)] : lossesOf(parameters)).map((loss, at) => {
    const trees = before?.[at];
    const sums = (list: SampleList) => trees && sampleSums(plan, list, data, series, trees);
    const origin = trees && { base: trees.base, rounds: trees.rounds.length, sums: sums(fitted)! };
    const booster = new Booster(table, values, fitted.weights, loss, settings, seed, origin ?? null);
    const heldOut =
      held.origins.length === 0 ? null : new HeldOutRows(heldTable, heldValues, loss, booster.base, sums(held));
    return { booster, heldOut };
  });
}

function lossesOf({ loss, levels, huberDelta }: BoostingParameters): BoostingLoss[] {
  if (loss === 'quantile') return levels.map(quantileLoss);
  if (loss === 'absolute') return [absoluteLoss];
  return [loss === 'huber' ? huberLoss(huberDelta) : squaredLoss];
}

function tellImportance(ensembles: readonly BoostedTrees[], names: readonly string[], context: TrainingContext): void {
  const { gain, splits } = splitImportance(
    ensembles.flatMap(({ rounds }) => rounds.flat()),
    names.length,
  );
  const total = gain.reduce((sum, one) => sum + one, 0);
  if (total === 0) return context.log('warn', 'No split lowers the loss: the forecasts are constant changes.');
  const best = [...gain.keys()].sort((a, b) => gain[b]! - gain[a]! || a - b).slice(0, NAMED_COLUMNS);
  const shares = best.map((at) => `${names[at]} ${((100 * gain[at]!) / total).toFixed(0)} % in ${splits[at]} splits`);
  context.log('info', `Most of the gain is from ${shares.join(', ')}.`);
}
