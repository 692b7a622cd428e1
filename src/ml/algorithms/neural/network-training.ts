import { TrainyardError } from '../../../common/errors/index.js';
import type { NetworkRunner } from '../../engine/network-engine.js';
import type { NetworkWeights } from '../../engine/network.js';
import { createRandom } from '../../engine/random.js';
import type { WindowedData } from '../../windows/windowed-data.js';
import type { StopReason, TrainingContext } from '../algorithm.js';
import { throwIfCancelled } from '../training-loss.js';
import { encodeProgress, type TrainingProgress } from './training-progress.js';
import { inputBatch, targetBatch, windowWeights } from './window-batches.js';

/** Streams of random numbers; see `createRandom`. The epoch follows where there is one per epoch. */
export const STREAMS = { initialWeights: 1, order: 2, dropout: 3 } as const;

export interface TrainingSchedule {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** Epochs without improvement before training stops; 0 never stops early. */
  readonly patience: number;
  /** Fall of the loss that counts as improvement. */
  readonly minimumChange: number;
}

/** Windows that a loss is computed on at once. */
const LOSS_ROWS = 256;

/**
 * Minimises the mean squared error of a network over the train windows, weighted where they are, epoch by epoch, each in its own seeded order,
 * and keeps the weights with the smallest validation loss (training loss where there is no validation window).
 * Everything an epoch draws follows from seed and epoch number, so going on from `from` ends with the same bits.
 */
export async function trainNetwork(
  runner: NetworkRunner,
  data: WindowedData,
  schedule: TrainingSchedule,
  from: TrainingProgress,
  context: TrainingContext,
): Promise<{ progress: TrainingProgress; stopReason: StopReason }> {
  const { epochs, patience, minimumChange } = schedule;
  let progress = from;
  while (progress.epoch < epochs) {
    if (patience > 0 && progress.waited >= patience) return { progress, stopReason: 'early-stopping' };
    const epoch = progress.epoch + 1;
    const startedMs = context.elapsedMs();
    const loss = await runEpoch(runner, data, schedule, epoch, context);
    if (loss === null) return { progress: await atLeastOne(runner, data, progress, context), stopReason: 'budget' };
    const validationLoss = await networkLoss(runner, data, data.origins.validation, context);
    const watched = validationLoss ?? loss;
    if (!Number.isFinite(watched)) throw notFinite(epoch, watched, schedule);
    const improved = progress.best === null || watched < progress.best.loss - minimumChange;
    progress = {
      epoch,
      weights: runner.weights(),
      optimiser: runner.optimiser(),
      best: improved ? { epoch, loss: watched, weights: runner.weights() } : progress.best,
      waited: improved ? 0 : progress.waited + 1,
    };
    context.onEpoch({ epoch, epochs, loss, validationLoss, durationMs: context.elapsedMs() - startedMs });
    if (epoch % context.checkpointEveryEpochs === 0 && epoch < epochs) context.onCheckpoint(encodeProgress(progress));
  }
  return { progress, stopReason: 'completed' };
}

/** Mean loss of the epoch, or null when the runtime was over before its end. */
async function runEpoch(
  runner: NetworkRunner,
  data: WindowedData,
  { epochs, batchSize, ...schedule }: TrainingSchedule,
  epoch: number,
  context: TrainingContext,
): Promise<number | null> {
  const order = createRandom(context.seed, STREAMS.order, epoch).shuffle(data.origins.train.slice());
  const dropout = createRandom(context.seed, STREAMS.dropout, epoch);
  const weightsOf = windowWeights(data);
  let sum = 0;
  for (let from = 0; from < order.length; from += batchSize) {
    throwIfCancelled(context);
    if (context.maxRuntimeMs !== null && context.elapsedMs() >= context.maxRuntimeMs) return null;
    const origins = order.subarray(from, from + batchSize);
    const inputs = inputBatch(data.inputs, origins, data.lookBack);
    const targets = targetBatch(data.targets, origins, data.horizon);
    const loss = runner.trainStep([inputs], targets, origins.length, dropout, weightsOf?.(origins));
    if (!Number.isFinite(loss)) throw notFinite(epoch, loss, schedule);
    sum += loss * origins.length;
    const done = from + origins.length;
    context.onProgress({ fraction: (epoch - 1 + done / order.length) / epochs, epoch, epochs, loss: sum / done });
    await context.breathe();
  }
  return sum / order.length;
}

/** When the runtime ends within the first epoch, the weights of that moment are the best so far. */
async function atLeastOne(
  runner: NetworkRunner,
  data: WindowedData,
  progress: TrainingProgress,
  context: TrainingContext,
): Promise<TrainingProgress> {
  if (progress.best) return progress;
  const { validation, train } = data.origins;
  const loss = await (validation.length > 0
    ? networkLoss(runner, data, validation, context)
    : networkLoss(runner, data, train, context, data.weights));
  return { ...progress, best: { epoch: 0, loss: loss ?? 0, weights: runner.weights() } };
}

/**
 * Mean squared error over the windows of `origins`, without dropout, each with its weight where there are any; null when
 * there is no window.
 */
export async function networkLoss(
  runner: NetworkRunner,
  data: WindowedData,
  origins: Int32Array,
  context: TrainingContext,
  weights?: Float64Array,
): Promise<number | null> {
  if (origins.length === 0) return null;
  let sum = 0;
  let count = 0;
  for (let from = 0; from < origins.length; from += LOSS_ROWS) {
    throwIfCancelled(context);
    const part = origins.subarray(from, from + LOSS_ROWS);
    const forecasts = runner.predict([inputBatch(data.inputs, part, data.lookBack)], part.length);
    const targets = targetBatch(data.targets, part, data.horizon);
    const values = targets.length / part.length;
    for (let at = 0; at < targets.length; at++) {
      const weight = weights?.[from + Math.floor(at / values)] ?? 1;
      sum += weight * (forecasts[at]! - targets[at]!) ** 2;
      count += weight;
    }
    await context.breathe();
  }
  return sum / count;
}

function notFinite(epoch: number, loss: number, schedule: { readonly learningRate: number }): TrainyardError {
  return new TrainyardError(
    'LOSS_NOT_FINITE',
    `The loss became ${loss} in epoch ${epoch} with a learning rate of ${schedule.learningRate}; lower the learning ` +
      'rate, or check the data for extreme values.',
    { epoch, loss: String(loss), learningRate: schedule.learningRate },
  );
}

/** A fresh start from given weights. */
export function initialProgress(weights: NetworkWeights): TrainingProgress {
  return { epoch: 0, weights, optimiser: null, best: null, waited: 0 };
}
