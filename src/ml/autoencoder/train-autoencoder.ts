import { TrainyardError } from '../../common/errors/index.js';
import type { EpochRecord, StopReason } from '../algorithms/algorithm.js';
import { createRandom } from '../engine/random.js';
import type { AutoencoderPlan } from './autoencoder-plan.js';
import { DenseNetwork, forward, GradientPass, type DenseLayer, type LayerShape } from './dense-network.js';
import { adam, gradientDescent } from './descent.js';

/** What training yields between batches, so that its driver can breathe, report and stop it. */
export interface AutoencoderProgress {
  /** Of the whole training, 0…1. */
  readonly fraction: number;
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Mean over the epoch so far. */
  readonly loss: number;
}

/** What a driver answers to `AutoencoderProgress`: with `stop` the best weights so far are kept. */
export type AutoencoderOrder = 'stop' | undefined | void;

export type AutoencoderEpoch = Pick<EpochRecord, 'epoch' | 'loss' | 'validationLoss'>;

export interface TrainedAutoencoder {
  /** Hidden layers and the code. */
  readonly encoder: readonly DenseLayer[];
  /** The encoder and, in reverse, what rebuilds the input from the code. */
  readonly layers: readonly DenseLayer[];
  /** `validationLoss` is that of the held-out tail of the train part; null where it is too short to hold one out. */
  readonly epochs: readonly AutoencoderEpoch[];
  /** Epoch whose weights were kept, from 1; 0 when it was stopped before the first one ended. */
  readonly bestEpoch: number;
  readonly stopReason: StopReason;
  readonly fittedRows: number;
  readonly heldOutRows: number;
}

/** First number of the random streams of autoencoders; a purpose and, for the order, the epoch follow. */
const STREAM = 20;
const PURPOSES = { initialWeights: 1, order: 2 } as const;

/** The last rows of the train part decide when to stop and which weights to keep: never the validation or test part. */
const HELD_OUT_SHARE = 0.1;
const MINIMUM_HELD_OUT_ROWS = 5;

/** Rows that go through the network at once: what bounds memory and the time to a cancel. Batches may be larger. */
const BLOCK_ROWS = 128;

/**
 * Trains a symmetric dense autoencoder x → hidden → code → hidden reversed → x̂ on complete rows [n, columns] in
 * chronological order, minimising mean (x̂ − x)² or mean |x̂ − x| over all rows and columns. The code and the output
 * are linear: without hidden layers and with `mse` the code spans the space of the first principal components
 * (Baldi & Hornik, Neural Networks 2, 1989).
 *
 * The last tenth of the rows is held out; the weights of the epoch with the smallest loss there are kept (of the
 * training loss where the rows are fewer than 50). The same rows and plan give the same bits: every random number
 * follows from the seed and the epoch.
 */
export function* trainAutoencoder(
  rows: Float64Array,
  columns: number,
  plan: Omit<AutoencoderPlan, 'series' | 'replaces'>,
): Generator<AutoencoderProgress, TrainedAutoencoder, AutoencoderOrder> {
  const { epochs, patience, minimumChange, seed } = plan;
  const count = rows.length / columns;
  const tail = Math.floor(count * HELD_OUT_SHARE);
  const heldOutRows = tail < MINIMUM_HELD_OUT_ROWS ? 0 : tail;
  const fittedRows = count - heldOutRows;
  const heldOut = rows.subarray(fittedRows * columns);

  const network = new DenseNetwork(columns, layerShapes(columns, plan));
  network.draw(createRandom(seed, STREAM, PURPOSES.initialWeights));
  const epochOf = epochRunner(network, rows.subarray(0, fittedRows * columns), plan);
  const records: AutoencoderEpoch[] = [];
  let best: { readonly epoch: number; readonly loss: number; readonly parameters: Float64Array } | null = null;
  let stopReason: StopReason = 'completed';
  for (let epoch = 1, waited = 0; epoch <= epochs; epoch++) {
    if (patience > 0 && waited >= patience) {
      stopReason = 'early-stopping';
      break;
    }
    const loss = yield* epochOf(epoch);
    if (loss === null) {
      stopReason = 'budget';
      break;
    }
    const validationLoss = heldOutRows === 0 ? null : reconstructionLoss(network.layers, heldOut, columns, plan.loss);
    const watched = validationLoss ?? loss;
    if (!Number.isFinite(watched)) throw notFinite(epoch, watched, plan.learningRate);
    records.push({ epoch, loss, validationLoss });
    const improved = best === null || watched < best.loss - minimumChange;
    waited = improved ? 0 : waited + 1;
    if (improved) best = { epoch, loss: watched, parameters: network.parameters.slice() };
  }
  if (best !== null) network.parameters.set(best.parameters);
  return {
    encoder: network.layers.slice(0, plan.hidden.length + 1),
    layers: network.layers,
    epochs: records,
    bestEpoch: best?.epoch ?? 0,
    stopReason,
    fittedRows,
    heldOutRows,
  };
}

function layerShapes(
  columns: number,
  { units, hidden, activation }: Pick<AutoencoderPlan, 'units' | 'hidden' | 'activation'>,
): LayerShape[] {
  const layer = (width: number): LayerShape => ({ units: width, activation });
  return [
    ...hidden.map(layer),
    { units, activation: 'linear' },
    ...hidden.map(layer).reverse(),
    { units: columns, activation: 'linear' },
  ];
}

/** Runs one epoch after the other; each gives its mean loss, or null when the driver stopped it. */
function epochRunner(
  network: DenseNetwork,
  rows: Float64Array,
  plan: Omit<AutoencoderPlan, 'series' | 'replaces'>,
): (epoch: number) => Generator<AutoencoderProgress, number | null, AutoencoderOrder> {
  const { inputs: columns, parameters } = network;
  const { epochs, shuffle, seed, learningRate } = plan;
  const count = rows.length / columns;
  const batchSize = Math.min(plan.batchSize, count);
  const pass = new GradientPass(network, Math.min(BLOCK_ROWS, batchSize));
  const block = new Float64Array(pass.maximumRows * columns);
  const descend = plan.optimizer === 'adam' ? adam(learningRate, parameters.length) : gradientDescent(learningRate);
  return function* (epoch) {
    const order = Int32Array.from({ length: count }, (_, row) => row);
    if (shuffle) createRandom(seed, STREAM, PURPOSES.order, epoch).shuffle(order);
    let sum = 0;
    let pausedAt = 0;
    for (let from = 0; from < count; from += batchSize) {
      const to = Math.min(count, from + batchSize);
      pass.gradient.fill(0);
      for (let at = from; at < to; at += pass.maximumRows) {
        const length = Math.min(pass.maximumRows, to - at);
        for (let row = 0; row < length; row++) {
          const start = order[at + row]! * columns;
          block.set(rows.subarray(start, start + columns), row * columns);
        }
        const output = pass.forward(block, length);
        sum += addLoss(plan.loss, output, block, length * columns, pass.outputDelta, (to - from) * columns);
        pass.backward(block, length);
        const done = at + length;
        if (done - pausedAt < BLOCK_ROWS && done < count) continue;
        pausedAt = done;
        const loss = sum / (done * columns);
        if (!Number.isFinite(loss)) throw notFinite(epoch, loss, learningRate);
        const answer = yield { fraction: (epoch - 1 + done / count) / epochs, epoch, epochs, loss };
        if (answer === 'stop') return null;
      }
      descend(parameters, pass.gradient);
    }
    return sum / rows.length;
  };
}

/** Σ loss over `count` values; writes ∂(Σ / divisor)/∂output into `delta`. */
function addLoss(
  loss: AutoencoderPlan['loss'],
  output: Float64Array,
  target: Float64Array,
  count: number,
  delta: Float64Array,
  divisor: number,
): number {
  let sum = 0;
  for (let at = 0; at < count; at++) {
    const error = output[at]! - target[at]!;
    if (loss === 'mse') {
      sum += error * error;
      delta[at] = (2 * error) / divisor;
    } else {
      sum += Math.abs(error);
      delta[at] = Math.sign(error) / divisor;
    }
  }
  return sum;
}

/** Mean loss of rebuilding complete rows [n, columns]. */
export function reconstructionLoss(
  layers: readonly DenseLayer[],
  rows: Float64Array,
  columns: number,
  loss: AutoencoderPlan['loss'],
): number {
  let sum = 0;
  for (let from = 0; from < rows.length; from += BLOCK_ROWS * columns) {
    const block = rows.subarray(from, from + BLOCK_ROWS * columns);
    const rebuilt = forward(layers, block, block.length / columns);
    for (let at = 0; at < block.length; at++) {
      const error = rebuilt[at]! - block[at]!;
      sum += loss === 'mse' ? error * error : Math.abs(error);
    }
  }
  return sum / rows.length;
}

function notFinite(epoch: number, loss: number, learningRate: number): TrainyardError {
  return new TrainyardError(
    'LOSS_NOT_FINITE',
    `The autoencoder's loss became ${loss} in epoch ${epoch} with a learning rate of ${learningRate}: lower features.autoencoder.learningRate, or check the data for extreme values`,
    { epoch, loss: String(loss), learningRate },
  );
}
