import { TrainyardError } from '../../../common/errors/index.js';
import type { ParameterValues } from '../../parameters.js';
import { DIRECTIONS, labelsOfTarget, UNLABELLED } from '../../windows/direction-labels.js';
import type { InputMatrix, WindowedData } from '../../windows/windowed-data.js';
import type { Algorithm, FitOutcome, Forecaster, ModelState, StateTensor, TrainingContext } from '../algorithm.js';
import { numbersFact, ownSeriesFacts, ownValue, readOwnSeries, straightLine, type OwnSeries } from '../own-series.js';
import { writeSampledShares } from './change-shares.js';
import { forecastErrors } from './forecast-errors.js';
import { noValues } from './no-values.js';

const CLASSES = DIRECTIONS.length;

/**
 * An algorithm of values that does the task direction, too. It is trained on the values as under the task forecast, each
 * target less its mean and divided by its deviation in the train windows; labels are not learned. The probability of a
 * direction is that of the values beyond the limit around the last one of the window: by the distribution that the model
 * gives (`Forecaster.changeProbabilities`), else by its errors on the validation windows, added to the forecast and
 * equally likely. Of p then
 *
 *   (N·p + 1) / (N + 3)
 *
 * stands for N changes that the train windows have, the rule of succession as in `directionShares`: a distribution without
 * any mass at 0 knows nothing of values that repeat. Losses of the training are those of the values.
 * Source: errors as a distribution, Vovk et al., Cross-conformal predictive distributions, PMLR 91 (2018), split form.
 */
export function tellingDirections(algorithm: Algorithm): Algorithm {
  return {
    ...algorithm,
    supportsDirection: true,
    fit: (data, hyperparameters, context) =>
      data.directions === undefined
        ? algorithm.fit(data, hyperparameters, context)
        : fitDirections(algorithm, data, hyperparameters, context),
    restore: (state) => (state.values === undefined ? algorithm.restore(state) : restoreDirections(algorithm, state)),
  };
}

/** Target units that values are learned in: (value − mean) / deviation. One number per target. */
interface LearnedUnits {
  readonly means: readonly number[];
  readonly deviations: readonly number[];
}

async function fitDirections(
  algorithm: Algorithm,
  data: WindowedData,
  hyperparameters: ParameterValues,
  context: TrainingContext,
): Promise<FitOutcome> {
  const { warmStart } = context;
  const learned = warmStart === undefined ? measuredUnits(data) : readUnits(warmStart);
  const values = valuesOf(data, learned);
  const own = relateLastValues(values, algorithm);
  const origin = warmStart?.values;
  const outcome = await algorithm.fit(values, hyperparameters, origin ? { ...context, warmStart: origin } : context);
  const forecaster = await algorithm.restore(outcome.model);
  try {
    const errors = forecaster.changeProbabilities ? null : await forecastErrors(values, forecaster, context);
    return { ...outcome, model: stateOf(outcome.model, data, { learned, own, errors }) };
  } finally {
    forecaster.dispose();
  }
}

function stateOf(
  values: ModelState,
  data: WindowedData,
  {
    learned,
    own,
    errors,
  }: { readonly learned: LearnedUnits; readonly own: OwnSeries; readonly errors: StateTensor | null },
): ModelState {
  const { algorithm, hyperparameters, lookBack, horizon, inputs, targets } = values;
  const shape = [targets.length, horizon];
  const limits = data.directions!.limits.flatMap((ofTarget, k) => {
    return ofTarget.map((limit) => limit / learned.deviations[k]!);
  });
  return {
    format: 1,
    algorithm,
    hyperparameters,
    lookBack,
    horizon,
    inputs,
    targets,
    task: 'direction',
    facts: { ...ownSeriesFacts(own), means: learned.means, deviations: learned.deviations },
    tensors: {
      limits: { shape, data: Float64Array.from(limits) },
      changes: { shape, data: observedChanges(data) },
      ...(errors && { errors }),
    },
    values,
  };
}

function measuredUnits({ origins, targets, lookBack, horizon }: WindowedData): LearnedUnits {
  const start = (origins.train[0] ?? 0) - lookBack + 1;
  const end = (origins.train.at(-1) ?? -1) + horizon + 1;
  const means: number[] = [];
  const deviations: number[] = [];
  targets.columns.forEach((column, k) => {
    const observed = column.subarray(start, end).filter((value, at) => {
      return targets.observed[k]![start + at] === 1 && !Number.isNaN(value);
    });
    const mean = observed.reduce((sum, value) => sum + value, 0) / Math.max(1, observed.length);
    const squares = observed.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const deviation = Math.sqrt(squares / Math.max(1, observed.length));
    means.push(mean);
    deviations.push(deviation > 0 ? deviation : 1);
  });
  return { means, deviations };
}

function readUnits(state: ModelState): LearnedUnits {
  return { means: numbersFact(state, 'means'), deviations: numbersFact(state, 'deviations') };
}

/** The same data under the task forecast. */
function valuesOf({ directions: _, ...data }: WindowedData, { means, deviations }: LearnedUnits): WindowedData {
  const columns = data.targets.columns.map((column, k) => {
    return column.map((value) => (value - means[k]!) / deviations[k]!);
  });
  return { ...data, targets: { ...data.targets, columns } };
}

/** How the last value of a window, which is among the inputs, reads beside forecasts. */
function relateLastValues({ inputs, targets, origins, horizon }: WindowedData, { name }: Algorithm): OwnSeries {
  const rows = (origins.train.at(-1) ?? -1) + horizon + 1;
  const lines = targets.columns.map((column, k) => {
    const line = straightLine(inputs.columns[targets.inputs[k]!]!, column, rows);
    if (line !== null) return line;
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `${name} tells directions by where it forecasts ${targets.names[k]!} beside the last value of the window, and under scaling.inputs of this template the window has no values: set it to none or to a scaler such as standard, or choose an algorithm that learns directions`,
      { path: 'scaling.inputs', target: targets.names[k], algorithm: name },
    );
  });
  return {
    columns: [...targets.inputs],
    slopes: lines.map(({ slope }) => slope),
    intercepts: lines.map(({ intercept }) => intercept),
  };
}

/** Changes of the train windows that have a direction, [targets, horizon]. */
function observedChanges(data: WindowedData): Float64Array {
  const { horizon, origins, targets } = data;
  const counts = new Float64Array(targets.names.length * horizon);
  targets.names.forEach((_, k) => {
    labelsOfTarget(data, k, origins.train).forEach((label, at) => {
      if (label !== UNLABELLED) counts[k * horizon + (at % horizon)]! += 1;
    });
  });
  return counts;
}

async function restoreDirections(algorithm: Algorithm, state: ModelState): Promise<Forecaster> {
  const { horizon, values } = state;
  const targets = state.targets.length;
  const tensor = (name: string): StateTensor => {
    const found = state.tensors[name];
    if (found === undefined) throw new Error(`a ${state.algorithm} state of directions has ${name}`);
    return found;
  };
  const [limits, changes] = [Float64Array.from(tensor('limits').data), tensor('changes').data];
  const ofTarget = state.targets.map((_, k) => limits.subarray(k * horizon, (k + 1) * horizon));
  const forecaster = await algorithm.restore(values!);
  const raw: NonNullable<Forecaster['changeProbabilities']> =
    forecaster.changeProbabilities?.bind(forecaster) ??
    ((inputs, origins, _limits, future) =>
      sharesOfErrors(forecaster, state, tensor('errors'), inputs, origins, future));
  return {
    forecast: noValues(state),
    async classProbabilities(inputs, origins, future) {
      const probabilities = await raw(inputs, origins, ofTarget, future);
      for (let at = 0; at < probabilities.length; at += CLASSES) {
        const cell = at / CLASSES;
        const count = changes[(cell % targets) * horizon + (Math.floor(cell / targets) % horizon)]!;
        for (let one = at; one < at + CLASSES; one++) {
          probabilities[one] = (count * probabilities[one]! + 1) / (count + CLASSES);
        }
      }
      return probabilities;
    },
    dispose: () => forecaster.dispose(),
  };
}

/** [origins, horizon, targets, 3]: where forecasts end, off by each of the errors. */
async function sharesOfErrors(
  forecaster: Forecaster,
  state: ModelState,
  errors: StateTensor,
  inputs: InputMatrix,
  origins: Int32Array,
  future: InputMatrix | undefined,
): Promise<Float64Array> {
  const own = readOwnSeries(state);
  const { horizon } = state;
  const limits = state.tensors['limits']!.data;
  const targets = state.targets.length;
  const kept = errors.shape[2]!;
  const forecasts = await forecaster.forecast(inputs, origins, future);
  const shares = new Float64Array(forecasts.length * CLASSES);
  const outcomes = new Float64Array(kept);
  let at = 0;
  for (const origin of origins) {
    for (let step = 0; step < horizon; step++) {
      for (let k = 0; k < targets; k++) {
        const first = (k * horizon + step) * kept;
        for (let n = 0; n < kept; n++) outcomes[n] = forecasts[at]! + errors.data[first + n]!;
        writeSampledShares(
          outcomes,
          ownValue(inputs, own, k, origin),
          limits[k * horizon + step]!,
          shares,
          at * CLASSES,
        );
        at++;
      }
    }
  }
  return shares;
}
