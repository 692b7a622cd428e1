import { TrainyardError } from '../../../common/errors/index.js';
import { spreadEvenly } from '../../explain/feature-importance.js';
import { DIRECTIONS, labelsOfTarget, UNLABELLED } from '../../windows/direction-labels.js';
import type { WindowedData } from '../../windows/windowed-data.js';
import type { FitOutcome, ModelState, StateTensor, TrainingContext } from '../algorithm.js';
import { holdOut } from '../linear/hold-out.js';
import { numberFact } from '../own-series.js';
import { refuseOtherColumns } from '../same-columns.js';
import { throwIfCancelled } from '../training-loss.js';
import {
  columnCounts,
  columnFacts,
  logisticColumns,
  readColumns,
  writeCovariates,
  writeFixedColumns,
  type LogisticColumns,
} from './logistic-columns.js';
import type { LogisticParameters } from './logistic-parameters.js';
import { fitMultinomial, sharesOnly, type ClassifiedRows } from './multinomial.js';
import { softmaxInPlace } from './softmax.js';
import { StandardTable, type WeightedWindows } from './standard-table.js';

const CLASSES = DIRECTIONS.length;
const MOST_COLUMNS = 4_096;
/** Of the table of train windows: 256 MiB. */
const MOST_VALUES = 2 ** 25;

export async function fitLogisticDirections(
  data: WindowedData,
  parameters: LogisticParameters,
  context: TrainingContext,
): Promise<FitOutcome> {
  throwIfCancelled(context);
  const columns = logisticColumns(data, {
    lags: parameters.lags,
    hasLevel: parameters.normalisation === 'none',
    readsFeatures: parameters.exogenous === 'origin',
  });
  const { warmStart } = context;
  if (warmStart !== undefined) {
    refuseOtherColumns('weights', columnFacts(columns), columnFacts(readColumns(warmStart)));
  }
  const origin = warmStart === undefined ? null : originThetas(warmStart, columns);
  const { all } = columnCounts(columns);
  refuseTooManyColumns(all, parameters);
  const { train, validation } = data.origins;
  const most = Math.max(CLASSES, Math.min(parameters.maximumWindows, Math.floor(MOST_VALUES / Math.max(1, all))));
  const taken = spreadEvenly(Int32Array.from(train.keys()), most);
  const fitted = weighted(data, taken);
  if (taken.length < train.length) {
    context.log('info', `Learns from ${taken.length} of ${train.length} train windows, evenly spread.`);
  }
  const held = validation.length > 0 ? null : holdOut(fitted.origins, data.horizon);
  if (held) context.log('info', `No validation windows: the last ${held.score.length} train windows choose lambda.`);
  const chosenOn = held ? { origins: held.fit, weights: fitted.weights?.subarray(0, held.fit.length) ?? null } : fitted;
  const score = { origins: held ? held.score : validation, weights: null };

  const lambdas = [...new Set(parameters.lambdas)].sort((one, other) => other - one);
  const path = await fitPath(data, columns, chosenOn, lambdas, score, origin, context);
  let { theta } = path;
  if (held) {
    const again = await fitPath(
      data,
      columns,
      fitted,
      [path.lambda],
      { origins: fitted.origins, weights: null },
      origin,
      context,
    );
    ({ theta } = again);
  }
  // Without a validation window there is nothing to compare by.
  const originLoss = origin && meanLoss(data, columns, held ? fitted : score, origin);
  const isOrigin = originLoss !== null && (path.iterations === 0 || (held === null && !(path.score < originLoss)));
  if (isOrigin) theta = origin!;
  if (originLoss !== null) {
    const kept = isOrigin ? 'whose weights are kept' : `and ${Number(path.score.toPrecision(6))} after`;
    context.log('info', `Warm start: the loss of its origin is ${Number(originLoss.toPrecision(6))}, ${kept}.`);
  }
  const validationLoss = held ? null : isOrigin ? originLoss : path.score;
  const loss = meanLoss(data, columns, fitted, theta);
  context.log('info', `Lambda ${path.lambda} of ${lambdas.length}: ${all} columns, ${path.iterations} iterations.`);
  context.onProgress({ fraction: 1, epoch: 0, epochs: 0, loss });
  const tensors: Record<string, StateTensor> = {};
  data.targets.names.forEach((_, target) => {
    const size = CLASSES * (all + 1);
    const weights = new Float64Array(data.horizon * size);
    for (let step = 1; step <= data.horizon; step++) weights.set(theta[target]![step - 1]!, (step - 1) * size);
    tensors[`weights/${target}`] = { shape: [data.horizon, CLASSES, all + 1], data: weights };
  });
  return {
    model: {
      format: 1,
      algorithm: 'logistic',
      task: 'direction',
      hyperparameters: parameters,
      lookBack: data.lookBack,
      horizon: data.horizon,
      inputs: data.inputs.names,
      targets: data.targets.names,
      facts: { ...columnFacts(columns), lambda: isOrigin ? numberFact(warmStart!, 'lambda') : path.lambda },
      tensors,
    },
    iterations: path.iterations,
    bestEpoch: isOrigin ? 0 : null,
    loss,
    lossName: 'log',
    validationLoss,
    ...(originLoss !== null && { originLoss }),
    stopReason: path.isCutShort ? 'budget' : 'completed',
    engine: 'l-bfgs',
  };
}

function refuseTooManyColumns(all: number, { lags }: LogisticParameters): void {
  if (all <= MOST_COLUMNS) return;
  throw new TrainyardError(
    'PARAMETER_INVALID',
    `algorithm.hyperparameters.lags=${lags} makes ${all} columns of all series, the limit is ${MOST_COLUMNS}: lower it, ` +
      'or name fewer data.baseAssets',
    { path: 'algorithm.hyperparameters.lags', value: lags, columns: all, limit: MOST_COLUMNS },
  );
}

function weighted({ origins, weights }: WindowedData, taken: Int32Array): WeightedWindows {
  return {
    origins: taken.map((at) => origins.train[at]!),
    weights: weights === undefined ? null : Float64Array.from(taken, (at) => weights[at]!),
  };
}

/** Weights by target, then by step. */
type Thetas = readonly (readonly Float64Array[])[];

/** Of a finished model, for columns as they are. */
function originThetas({ tensors, targets, horizon }: ModelState, columns: LogisticColumns): Thetas {
  const size = CLASSES * (columnCounts(columns).all + 1);
  return targets.map((_, target) => {
    const weights = Float64Array.from(tensors[`weights/${target}`]!.data);
    return Array.from({ length: horizon }, (_, step) => weights.subarray(step * size, (step + 1) * size));
  });
}

/** Gradients of a mean loss that are small enough to compare penalties, and to be a minimum. */
const TOLERANCES = { comparing: 1e-4, final: 1e-8 } as const;

/**
 * Fits every target and step under each penalty, the strongest first, since its weights are a good start for the next,
 * and brings those with the smallest loss on the windows of `score` to their minimum. When the runtime ends, penalties
 * that were not finished are not considered, and what the first one did not reach keeps the shares of the train part.
 */
async function fitPath(
  data: WindowedData,
  columns: LogisticColumns,
  windows: WeightedWindows,
  lambdas: readonly number[],
  score: WeightedWindows,
  origin: Thetas | null,
  context: TrainingContext,
) {
  const table = new StandardTable(data, columns, windows);
  const labels = data.targets.names.map((_, target) => labelsOfTarget(data, target, windows.origins));
  const targets = labels.length;
  const rounds = lambdas.length + 1;
  let [iterations, done, isCutShort] = [0, 0, false];
  let best: { readonly lambda: number; readonly score: number; readonly theta: readonly Float64Array[] } | null = null;

  /** Null when the runtime ended before. */
  const fitAll = async (lambda: number, from: readonly Float64Array[], tolerance: number) => {
    const found: Float64Array[] = [];
    for (let cell = 0; cell < data.horizon * targets; cell++) {
      throwIfCancelled(context);
      isCutShort ||= context.maxRuntimeMs !== null && context.elapsedMs() >= context.maxRuntimeMs;
      if (isCutShort && best !== null) return null;
      const step = Math.floor(cell / targets) + 1;
      table.moveTo(step);
      const given = labelled(table, labels[cell % targets]!, step, data.horizon, windows.weights);
      const before = origin?.[cell % targets]?.[step - 1];
      const begin = from[cell] ?? (before ? table.fromRawColumns(before) : sharesOnly(given));
      if (isCutShort || given.labels.length === 0) found.push(begin);
      else {
        const minimum = fitMultinomial(given, lambda, begin, tolerance, table.preconditioner(lambda));
        found.push(minimum.theta);
        iterations += minimum.iterations;
      }
      const fraction = ++done / (data.horizon * targets * rounds);
      context.onProgress({ fraction, epoch: 0, epochs: 0, loss: best?.score ?? null });
      await context.breathe();
    }
    return found;
  };
  /** For columns as they are, by target and step. */
  const raw = (theta: readonly Float64Array[]): Thetas => {
    const by = labels.map(() => new Array<Float64Array>(data.horizon));
    theta.forEach((one, cell) => {
      const step = Math.floor(cell / targets) + 1;
      table.moveTo(step);
      by[cell % targets]![step - 1] = table.forRawColumns(one);
    });
    return by;
  };

  let from: readonly Float64Array[] = [];
  for (const lambda of lambdas) {
    const found = await fitAll(lambda, from, TOLERANCES.comparing);
    if (found === null) break;
    from = found;
    const reached = meanLoss(data, columns, score, raw(found));
    if (best === null || reached < best.score) best = { lambda, score: reached, theta: found };
    if (isCutShort) break;
  }
  const { lambda, theta: compared } = best!;
  const theta = raw((await fitAll(lambda, compared, TOLERANCES.final)) ?? compared);
  return { lambda, theta, score: meanLoss(data, columns, score, theta), iterations, isCutShort };
}

/** The rows of one target and step that have a label. */
function labelled(
  { rows, width }: StandardTable,
  labels: Uint8Array,
  step: number,
  horizon: number,
  weights: Float64Array | null,
): ClassifiedRows {
  const count = labels.length / horizon;
  const ofStep = Uint8Array.from({ length: count }, (_, window) => labels[window * horizon + step - 1]!);
  if (!ofStep.includes(UNLABELLED)) return { rows, width, labels: ofStep, weights };
  const kept = Int32Array.from(ofStep.keys()).filter((window) => ofStep[window] !== UNLABELLED);
  const taken = new Float64Array(kept.length * width);
  kept.forEach((window, at) => taken.set(rows.subarray(window * width, (window + 1) * width), at * width));
  return {
    rows: taken,
    width,
    labels: Uint8Array.from(kept, (window) => ofStep[window]!),
    weights: weights && Float64Array.from(kept, (window) => weights[window]!),
  };
}

/** Mean log loss over the labelled changes of the windows, weighted where they are. */
function meanLoss(data: WindowedData, columns: LogisticColumns, windows: WeightedWindows, theta: Thetas): number {
  const { all, fixed } = columnCounts(columns);
  const { horizon } = data;
  const labels = data.targets.names.map((_, target) => labelsOfTarget(data, target, windows.origins));
  const row = new Float64Array(all);
  const p = new Float64Array(CLASSES);
  let [loss, total] = [0, 0];
  windows.origins.forEach((origin, window) => {
    const weight = windows.weights?.[window] ?? 1;
    if (weight === 0) return;
    writeFixedColumns(columns, data.inputs, data.future, origin, row, 0);
    for (let step = 1; step <= horizon; step++) {
      writeCovariates(columns, data.future, origin + step, row, fixed);
      labels.forEach((ofTarget, target) => {
        const label = ofTarget[window * horizon + step - 1]!;
        if (label === UNLABELLED) return;
        const weights = theta[target]![step - 1]!;
        for (let one = 0; one < CLASSES; one++) {
          const first = one * (all + 1);
          let sum = weights[first + all]!;
          for (let column = 0; column < all; column++) sum += weights[first + column]! * row[column]!;
          p[one] = sum;
        }
        softmaxInPlace(p, 0, CLASSES);
        loss -= weight * Math.log(Math.max(p[label]!, Number.MIN_VALUE));
        total += weight;
      });
    }
  });
  return total === 0 ? 0 : loss / total;
}
