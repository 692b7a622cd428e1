import type { ParameterSpace, ValuesOf } from '../parameters.js';
import type { WindowedData } from '../windows/windowed-data.js';
import type { Algorithm, FitOutcome, Forecaster, ModelState, StateTensor, TrainingContext } from './algorithm.js';
import { multiplyMatrixVector } from './linear/matrix-vector.js';
import { addEquations, normalEquations, type CentredColumn } from './linear/normal-equations.js';
import { originFeatures, type OriginFeature } from './linear/origin-features.js';
import { chooseRidge, type RidgeChoice, type RidgeProblem } from './linear/ridge-selection.js';
import { numbersFact, ownSeriesFacts, ownValue, readOwnSeries, relateOwnSeries, type OwnSeries } from './own-series.js';
import { throwIfCancelled } from './training-loss.js';

const hyperparameters = {
  shared: {
    kind: 'boolean',
    default: true,
    description: 'One weight matrix for all targets (robust), or one for each (when targets behave differently).',
  },
  lambdas: {
    kind: 'numbers',
    default: [1e-4, 1e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1, 3, 10],
    minimum: 1e-9,
    maximum: 1e6,
    minimumLength: 1,
    maximumLength: 40,
    description: 'Penalties to try, relative to the mean variance of the inputs; validation error chooses.',
  },
  exogenous: {
    kind: 'choice',
    values: ['auto', 'origin', 'none'],
    default: 'auto',
    description:
      'Features of the target and of the calendar at the origin as further inputs: always, never, or where they lower ' +
      'the validation error.',
  },
} as const satisfies ParameterSpace;

type RidgeParameters = ValuesOf<typeof hyperparameters>;

/** Share of the training windows that choose lambda when there is no validation window. */
const HELD_OUT_SHARE = 0.2;

/**
 * Direct multi-step linear forecast in closed form:
 *
 *   ŷ[t + h] = v[t] + Σᵢ W[h][i]·(v[t − lookBack + 1 + i] − v[t]) + Σⱼ U[h][j]·(e_j[t] − mean e_j) + b[h]
 *
 * v is the target's own series, e_j its features at the origin; U and b only where features are used. Weights from the
 * training windows, lambda and the use of features from validation. Other assets are not read.
 * Source: last-value normalisation as in NLinear (Zeng et al., Are Transformers Effective for Time Series
 * Forecasting?, AAAI 2023), solved by ridge regression as in Toner & Darlow, An Analysis of Linear Time Series
 * Forecasting Models, ICML 2024.
 */
export const ridge: Algorithm = {
  name: 'ridge',
  title: 'Ridge',
  description:
    'Linear map from the last-value-normalised window to all steps at once, solved in closed form: no epochs, under a ' +
    'second on ten thousand rows, and hard to beat.',
  family: 'linear',
  usesFeatures: true,
  usesWeights: true,
  hyperparameters,
  fit: (data, values, context) => fitRidge(data, values as RidgeParameters, context),
  restore: restoreRidge,
};

async function fitRidge(
  data: WindowedData,
  parameters: RidgeParameters,
  context: TrainingContext,
): Promise<FitOutcome> {
  const own = relateOwnSeries(data);
  const available = originFeatures(data);
  const features = parameters.exogenous === 'none' ? [] : available.features;
  tellWhatIsLeftOut(parameters, available, data, context);
  const designs = features.length === 0 ? [false] : parameters.exogenous === 'origin' ? [true] : [false, true];
  const means = featureMeans(data, features);
  const problems = await ridgeProblems(data, parameters.shared, features, means, context);

  let tried = 0;
  const candidates = problems.length * designs.length * parameters.lambdas.length;
  const choices: RidgeChoice[] = [];
  for (const problem of problems) {
    const choice = await chooseRidge(problem, parameters.lambdas, designs, context, (score) => {
      context.onProgress({ fraction: ++tried / candidates, epoch: 0, epochs: 0, loss: score });
    });
    if (!choice) throw new Error(`no lambda of ${parameters.lambdas.join(', ')} could be solved`);
    choices.push(choice);
  }
  tellChoices(choices, parameters, data, context);
  const mean = (of: (choice: RidgeChoice) => number): number =>
    choices.reduce((sum, choice) => sum + of(choice), 0) / choices.length;
  return {
    model: {
      format: 1,
      algorithm: 'ridge',
      hyperparameters: parameters,
      lookBack: data.lookBack,
      horizon: data.horizon,
      inputs: data.inputs.names,
      targets: data.targets.names,
      facts: {
        ...ownSeriesFacts(own),
        lambdas: choices.map((choice) => choice.lambda),
        withFeatures: choices.map((choice) => (choice.withFeatures ? 1 : 0)),
        // [features, targets], row-major.
        featureColumns: features.flatMap((feature) => feature.columns),
      },
      tensors: { ...weightTensors(choices, data), ...meansTensor(means, features, data) },
    },
    iterations: choices.reduce((sum, choice) => sum + choice.iterations, 0),
    bestEpoch: null,
    loss: mean((choice) => choice.loss),
    validationLoss: data.origins.validation.length > 0 ? mean((choice) => choice.score) : null,
    stopReason: choices.some((choice) => choice.cutShort) ? 'budget' : 'completed',
    engine: 'closed-form',
  };
}

/** One problem for all targets, or one for each. */
async function ridgeProblems(
  data: WindowedData,
  shared: boolean,
  features: readonly OriginFeature[],
  means: readonly Float64Array[],
  context: TrainingContext,
): Promise<RidgeProblem[]> {
  const { lookBack, horizon } = data;
  const { train, validation } = data.origins;
  const held = validation.length > 0 ? null : holdOut(train, horizon);
  if (held) context.log('info', `No validation windows: the last ${held.score.length} train windows choose lambda.`);
  const problems: RidgeProblem[] = [];
  for (const [k, series] of data.targets.columns.entries()) {
    throwIfCancelled(context);
    await context.breathe();
    const columns: CentredColumn[] = features.map((feature, f) => ({
      values: data.inputs.columns[feature.columns[k]!]!,
      mean: means[f]![k]!,
    }));
    const of = (origins: Int32Array, weights?: Float64Array): RidgeProblem['fit'] =>
      normalEquations(series, origins, lookBack, horizon, columns, weights);
    const solve = of(train, data.weights);
    if (!Number.isFinite(solve.yy)) throw new Error(`target ${data.targets.names[k]} has NaN inside a train window`);
    problems.push({
      fit: held ? of(held.fit, data.weights?.subarray(0, held.fit.length)) : solve,
      score: of(held ? held.score : validation),
      solve,
    });
  }
  if (!shared || problems.length === 1) return problems;
  return [
    problems.reduce((a, b) => {
      const solve = addEquations(a.solve, b.solve);
      return { fit: held ? addEquations(a.fit, b.fit) : solve, score: addEquations(a.score, b.score), solve };
    }),
  ];
}

/** Train windows cut in two, `fit` being the first ones, that share no row of the horizon; too few windows choose on themselves. */
function holdOut(train: Int32Array, horizon: number): { fit: Int32Array; score: Int32Array } {
  const cut = Math.floor(train.length * (1 - HELD_OUT_SHARE));
  const lastFit = train[cut - 1] ?? 0;
  const score = train.slice(cut).filter((origin) => origin >= lastFit + horizon);
  return cut > 0 && score.length > 0 ? { fit: train.slice(0, cut), score } : { fit: train, score: train };
}

/** Mean of each feature over the train origins, weighted as they are, per target. */
function featureMeans(data: WindowedData, features: readonly OriginFeature[]): Float64Array[] {
  const {
    origins: { train: origins },
    weights,
  } = data;
  const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? origins.length;
  return features.map((feature) =>
    Float64Array.from(feature.columns, (column) => {
      const values = data.inputs.columns[column]!;
      let sum = 0;
      for (let at = 0; at < origins.length; at++) sum += values[origins[at]!]! * (weights?.[at] ?? 1);
      return sum / total;
    }),
  );
}

/** `weights/0` for all targets, or `weights/k` for target k: [horizon, inputs]. */
function weightTensors(choices: readonly RidgeChoice[], data: WindowedData): Record<string, StateTensor> {
  return Object.fromEntries(
    choices.map(({ weights }, k) => [
      `weights/${k}`,
      { shape: [data.horizon, weights.length / data.horizon], data: weights },
    ]),
  );
}

function meansTensor(
  means: readonly Float64Array[],
  features: readonly OriginFeature[],
  data: WindowedData,
): Record<string, StateTensor> {
  if (features.length === 0) return {};
  const targets = data.targets.names.length;
  const flat = new Float64Array(features.length * targets);
  means.forEach((row, f) => flat.set(row, f * targets));
  return { featureMeans: { shape: [features.length, targets], data: flat } };
}

async function restoreRidge(state: ModelState): Promise<Forecaster> {
  const { lookBack, horizon, tensors } = state;
  const own: OwnSeries = readOwnSeries(state);
  const targets = state.targets.length;
  const withFeatures = numbersFact(state, 'withFeatures');
  const featureColumns = numbersFact(state, 'featureColumns');
  const featureMeans = tensors['featureMeans']?.data ?? new Float64Array(0);
  const windowInputs = lookBack - 1;
  const matrices = withFeatures.map((_, k) => {
    const tensor = tensors[`weights/${k}`];
    if (!(tensor?.data instanceof Float64Array)) throw new Error(`a ridge state has float64 weights/${k}`);
    return tensor.data;
  });
  return {
    async forecast(inputs, origins) {
      const forecasts = new Float64Array(origins.length * horizon * targets);
      const sums = new Float64Array(horizon);
      for (const [at, origin] of origins.entries()) {
        for (let k = 0; k < targets; k++) {
          const group = matrices.length === 1 ? 0 : k;
          const features = withFeatures[group] === 1 ? featureColumns.length / targets : 0;
          // The constant that comes with features is the 1 at the end.
          const design = new Float64Array(windowInputs + (features > 0 ? features + 1 : 0)).fill(1);
          const last = ownValue(inputs, own, k, origin);
          const start = origin - windowInputs;
          for (let i = 0; i < windowInputs; i++) design[i] = ownValue(inputs, own, k, start + i) - last;
          for (let f = 0; f < features; f++) {
            const column = inputs.columns[featureColumns[f * targets + k]!]!;
            design[windowInputs + f] = column[origin]! - featureMeans[f * targets + k]!;
          }
          multiplyMatrixVector(matrices[group]!, horizon, design.length, design, sums);
          for (let h = 0; h < horizon; h++) forecasts[(at * horizon + h) * targets + k] = last + sums[h]!;
        }
      }
      return forecasts;
    },
    dispose() {},
  };
}

function tellWhatIsLeftOut(
  parameters: RidgeParameters,
  available: ReturnType<typeof originFeatures>,
  data: WindowedData,
  context: TrainingContext,
): void {
  const unused =
    parameters.exogenous === 'none'
      ? data.inputs.names.filter((_, c) => !data.targets.inputs.includes(c))
      : available.unused;
  if (unused.length === 0) return;
  context.log(
    'warn',
    `ridge does not read ${unused.length} of ${data.inputs.names.length} input columns (${unused.slice(0, 5).join(', ')}` +
      `${unused.length > 5 ? ', …' : ''}): it takes the targets' own series` +
      `${parameters.exogenous === 'none' ? ', since exogenous is none' : ' and features that every target has'}.`,
  );
}

function tellChoices(
  choices: readonly RidgeChoice[],
  parameters: RidgeParameters,
  data: WindowedData,
  context: TrainingContext,
): void {
  choices.forEach((choice, k) => {
    const whose = choices.length > 1 ? ` for ${data.targets.names[k]}` : '';
    const { withFeatures, withoutFeatures } = choice.scores;
    const compared =
      withFeatures !== null && withoutFeatures !== null
        ? ` Features at the origin are ${choice.withFeatures ? 'used' : 'left out'}: error ` +
          `${withFeatures.toPrecision(4)} with, ${withoutFeatures.toPrecision(4)} without them.`
        : '';
    context.log(
      'info',
      `Lambda ${choice.lambda}${whose} has the smallest error, ${choice.score.toPrecision(4)}.${compared}`,
    );
    if (parameters.lambdas.length > 2 && choice.lambda === Math.max(...parameters.lambdas)) {
      context.log('warn', `The largest lambda won${whose}; add larger ones to lambdas.`);
    }
  });
}
