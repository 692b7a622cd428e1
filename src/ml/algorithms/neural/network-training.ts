import { TrainyardError } from '../../../common/errors/index.js';
import { drawMask, type DropoutLayer } from '../../engine/dropout-masks.js';
import { sizeOf } from '../../engine/graph/graph-builder.js';
import type { NetworkRunner } from '../../engine/network-engine.js';
import type { NetworkWeights } from '../../engine/network.js';
import { createRandom, type Random } from '../../engine/random.js';
import type { LossSpecification, TrainingBatches } from '../../engine/training-setup.js';
import type { StopReason, TrainingContext } from '../algorithm.js';
import { throwIfCancelled } from '../training-loss.js';
import { networkLoss } from './network-loss.js';
import { copySamples, type NetworkSamples } from './network-samples.js';
import { learningRateAt, type TrainingParameters } from './training-parameters.js';
import { encodeProgress, type TrainingProgress } from './training-progress.js';

/** Streams of random numbers; see `createRandom`. The epoch follows where there is one per epoch. */
export const STREAMS = { initialWeights: 1, order: 2, dropout: 3 } as const;

/** What is trained: a runner, what it is trained on, and how. */
export interface NetworkJob {
  readonly runner: NetworkRunner;
  readonly data: NetworkSamples;
  readonly loss: LossSpecification;
  readonly parameters: TrainingParameters;
  readonly dropouts: readonly DropoutLayer[];
}

/** Aimed at for one call of the engine: long enough that the call costs nothing, short enough to be stopped. */
const CALL_MS = 25;
const MOST_STEPS = 256;

/** Steps of the next call; how many there are makes no difference to the bits. */
interface Pace {
  atOnce: number;
}
/** Of the arrays of one call. */
const MOST_VALUES = 2 ** 22;

/**
 * Minimises the loss of a network over the train samples, weighted where they are, epoch by epoch, each in its own
 * seeded order, and keeps the weights with the smallest validation loss (training loss where there is no validation
 * sample). Everything an epoch draws follows from seed and epoch number, so going on from `from` ends with the same bits.
 */
export async function trainNetwork(
  job: NetworkJob,
  from: TrainingProgress,
  context: TrainingContext,
): Promise<{ progress: TrainingProgress; stopReason: StopReason }> {
  const { runner, data, loss: specification } = job;
  const { epochs, patience, minimumChange } = job.parameters;
  let progress = from;
  const pace: Pace = { atOnce: 1 };
  while (progress.epoch < epochs) {
    if (patience > 0 && progress.waited >= patience) return { progress, stopReason: 'early-stopping' };
    const epoch = progress.epoch + 1;
    const startedMs = context.elapsedMs();
    const loss = await runEpoch(job, epoch, pace, context);
    if (loss === null) return { progress: await atLeastOne(job, progress, context), stopReason: 'budget' };
    const validationLoss = await networkLoss(runner, data, specification, data.validation, context);
    const watched = validationLoss ?? loss;
    if (!Number.isFinite(watched)) throw notFinite(epoch, watched, job, progress);
    const improved = progress.best === null || watched < progress.best.loss - minimumChange;
    const weights = runner.weights();
    progress = {
      ...progress,
      epoch,
      weights,
      optimiser: runner.optimiser(),
      best: improved ? { epoch, loss: watched, weights } : progress.best,
      waited: improved ? 0 : progress.waited + 1,
    };
    context.onEpoch({ epoch, epochs, loss, validationLoss, durationMs: context.elapsedMs() - startedMs });
    if (epoch % context.checkpointEveryEpochs === 0 && epoch < epochs) context.onCheckpoint(encodeProgress(progress));
  }
  return { progress, stopReason: 'completed' };
}

/** Mean loss of the epoch, or null when the runtime was over before its end. */
async function runEpoch(job: NetworkJob, epoch: number, pace: Pace, context: TrainingContext): Promise<number | null> {
  const { runner, data, dropouts, parameters } = job;
  const { batchSize, epochs } = parameters;
  const order = createRandom(context.seed, STREAMS.order, epoch).shuffle(data.train.slice());
  const random = createRandom(context.seed, STREAMS.dropout, epoch);
  const stepsPerEpoch = Math.ceil(order.length / batchSize);
  const valuesPerStep =
    batchSize * [...data.inputs, data.targets].reduce((sum, { width, length }) => sum + width * length, 0) +
    batchSize * dropouts.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const most = Math.max(1, Math.min(MOST_STEPS, Math.floor(MOST_VALUES / valuesPerStep)));
  let sum = 0;
  for (let step = 0; step < stepsPerEpoch;) {
    throwIfCancelled(context);
    const beganMs = context.elapsedMs();
    if (context.maxRuntimeMs !== null && beganMs >= context.maxRuntimeMs) return null;
    const steps = Math.min(pace.atOnce, stepsPerEpoch - step);
    const batches = gather(job, order, step, steps, (epoch - 1) * stepsPerEpoch, stepsPerEpoch);
    drawMasks(dropouts, batches, random);
    const losses = await runner.train(batches);
    losses.forEach((loss, n) => {
      if (!Number.isFinite(loss)) throw notFinite(epoch, loss, job, null);
      sum += loss * (Math.min((step + n + 1) * batchSize, order.length) - (step + n) * batchSize);
    });
    step += steps;
    const done = Math.min(step * batchSize, order.length);
    context.onProgress({ fraction: (epoch - 1 + done / order.length) / epochs, epoch, epochs, loss: sum / done });
    await context.breathe();
    const tookMs = context.elapsedMs() - beganMs;
    // The rest of an epoch, or a call that took next to no time, says little.
    if (tookMs * 2 > CALL_MS) pace.atOnce = Math.max(1, Math.min(most, Math.floor((steps * CALL_MS) / tookMs)));
    else if (steps === pace.atOnce) pace.atOnce = Math.min(most, 2 * steps);
  }
  return sum / order.length;
}

/** Step by step, so that it makes no difference how many of them are in a call. */
function drawMasks(dropouts: readonly DropoutLayer[], { steps, masks }: TrainingBatches, random: Random): void {
  for (let step = 0; step < steps; step++) {
    for (const { layer, rate } of dropouts) {
      const mask = masks[layer]!;
      const size = mask.length / steps;
      drawMask(mask.subarray(step * size, (step + 1) * size), rate, random);
    }
  }
}

/** The batches of some steps; the last one of an epoch is filled up with its first sample, at weight 0. */
function gather(
  { data, dropouts, parameters }: NetworkJob,
  order: Int32Array,
  first: number,
  steps: number,
  stepsBefore: number,
  stepsPerEpoch: number,
): TrainingBatches {
  const { batchSize } = parameters;
  const rows = steps * batchSize;
  const samples = new Int32Array(rows);
  const given = order.subarray(first * batchSize, first * batchSize + rows);
  samples.set(given);
  samples.fill(given[0]!, given.length);
  const weights = new Float32Array(rows);
  for (let step = 0; step < steps; step++) {
    const start = step * batchSize;
    const used = Math.min(batchSize, given.length - start);
    for (let row = start; row < start + used; row++) weights[row] = (data.weightOf?.(samples[row]!) ?? 1) / used;
  }
  const values = (source: NetworkSamples['targets']): Float32Array => {
    const into = new Float32Array(rows * source.width * source.length);
    copySamples(source, samples, data.parts, into);
    return into;
  };
  return {
    steps,
    inputs: data.inputs.map(values),
    targets: values(data.targets),
    ...(data.targetWeights && { targetWeights: values(data.targetWeights) }),
    weights,
    learningRates: Float32Array.from({ length: steps }, (_, n) =>
      learningRateAt(parameters, stepsBefore + first + n, stepsPerEpoch),
    ),
    masks: Object.fromEntries(dropouts.map(({ layer, shape }) => [layer, new Float32Array(rows * sizeOf(shape))])),
  };
}

/** When the runtime ends within the first epoch, the weights of that moment are the best so far. */
async function atLeastOne(
  { runner, data, loss: specification }: NetworkJob,
  progress: TrainingProgress,
  context: TrainingContext,
): Promise<TrainingProgress> {
  if (progress.best) return progress;
  const { validation, train } = data;
  const loss = await (validation.length > 0
    ? networkLoss(runner, data, specification, validation, context)
    : networkLoss(runner, data, specification, train, context, true));
  return { ...progress, best: { epoch: 0, loss: loss ?? 0, weights: runner.weights() } };
}

function notFinite(
  epoch: number,
  loss: number,
  { parameters: { learningRate } }: NetworkJob,
  progress: TrainingProgress | null,
): TrainyardError {
  return new TrainyardError(
    'LOSS_NOT_FINITE',
    `The loss became ${loss} in epoch ${epoch} with a learning rate of ${learningRate}; lower the learning ` +
      'rate, set clipNorm, or check the data for extreme values.',
    { epoch, loss: String(loss), learningRate, bestEpoch: progress?.best?.epoch ?? null },
  );
}

/** A fresh start from given weights. */
export function initialProgress(weights: NetworkWeights): TrainingProgress {
  return { epoch: 0, weights, optimiser: null, best: null, waited: 0 };
}
