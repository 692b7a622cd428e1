import { readTrees, treesTensors } from '../../trees/compiled-trees.js';
import type { BoostedTrees, Booster, EarlyStopping, HeldOutRows } from '../../trees/gradient-boosting.js';
import type { StateTensor, StopReason, TrainingCheckpoint, TrainingContext } from '../algorithm.js';
import { throwIfCancelled } from '../training-loss.js';

/** Rounds of one record of the loss curve, and between two moments at which a checkpoint may be taken. */
export const ROUNDS_PER_EPOCH = 10;

/** One ensemble in training. */
export interface EnsembleJob {
  readonly booster: Booster;
  /** Null where there is no validation window: all rounds are kept then. */
  readonly heldOut: HeldOutRows | null;
}

interface Best {
  readonly rounds: number;
  /** Of the held-out rows, of the fitted ones where there are none. */
  readonly loss: number;
  readonly trainLoss: number;
}

export interface TrainedEnsembles {
  readonly ensembles: readonly BoostedTrees[];
  /** Rounds of the longest one before any was taken back. */
  readonly rounds: number;
  readonly bestEpoch: number;
  /** Means over the ensembles. */
  readonly loss: number;
  readonly validationLoss: number | null;
  /** Before the first of these rounds; on held-out rows where there are some. */
  readonly startLoss: number;
  readonly stopReason: StopReason;
}

/**
 * Adds trees to all ensembles round by round; each stops by itself when its held-out rows have not got better for
 * `patience` rounds, and is cut to its best round in the end. Goes on from a checkpoint with the same bits.
 */
export async function trainEnsembles(
  jobs: readonly EnsembleJob[],
  stopping: EarlyStopping,
  context: TrainingContext,
): Promise<TrainedEnsembles> {
  const { rounds, patience, minimumChange } = stopping;
  const epochs = Math.ceil(rounds / ROUNDS_PER_EPOCH);
  const best = jobs.map((job): Best => ({ rounds: 0, ...lossesOf(job) }));
  const startLoss = mean(best.map(({ loss }) => loss));
  if (context.warmStart !== undefined && context.resumeFrom === null) {
    context.log(
      'info',
      `Warm start: before the first tree that is added the loss is ${Number(startLoss.toPrecision(6))}.`,
    );
  }
  let round = restore(jobs, best, context.resumeFrom);
  let stopReason: StopReason = 'completed';
  let startedMs = context.elapsedMs();
  const isDone = (at: number): boolean =>
    jobs[at]!.heldOut !== null && patience > 0 && jobs[at]!.booster.rounds.length - best[at]!.rounds >= patience;
  while (round < rounds) {
    throwIfCancelled(context);
    if (jobs.every((_, at) => isDone(at))) {
      stopReason = 'early-stopping';
      break;
    }
    if (context.maxRuntimeMs !== null && context.elapsedMs() >= context.maxRuntimeMs) {
      stopReason = 'budget';
      break;
    }
    round++;
    const current = jobs.map((job, at) => {
      if (isDone(at)) return best[at]!;
      const trees = job.booster.addRound();
      job.heldOut?.add(trees);
      const losses = lossesOf(job);
      if (job.heldOut === null || losses.loss < best[at]!.loss - minimumChange) best[at] = { rounds: round, ...losses };
      return losses;
    });
    const loss = mean(current.map(({ trainLoss }) => trainLoss));
    const epoch = Math.ceil(round / ROUNDS_PER_EPOCH);
    context.onProgress({ fraction: round / rounds, epoch, epochs, loss });
    const isLast = round === rounds || jobs.every((_, at) => isDone(at));
    if (round % ROUNDS_PER_EPOCH === 0 || isLast) {
      const validationLoss = jobs[0]!.heldOut === null ? null : mean(current.map((one) => one.loss));
      context.onEpoch({ epoch, epochs, loss, validationLoss, durationMs: context.elapsedMs() - startedMs });
      startedMs = context.elapsedMs();
      if (!isLast && epoch % context.checkpointEveryEpochs === 0) {
        context.onCheckpoint(checkpointOf(jobs, best, epoch, round));
      }
    }
    await context.breathe();
  }
  const trainLoss = mean(best.map((one) => one.trainLoss));
  const bestEpoch = Math.ceil(Math.max(...best.map((one) => one.rounds)) / ROUNDS_PER_EPOCH);
  context.onProgress({ fraction: 1, epoch: Math.ceil(round / ROUNDS_PER_EPOCH), epochs, loss: trainLoss });
  return {
    ensembles: jobs.map(({ booster }, at) => ({
      base: booster.base,
      rounds: booster.rounds.slice(0, best[at]!.rounds),
    })),
    rounds: round,
    bestEpoch,
    loss: trainLoss,
    validationLoss: jobs[0]!.heldOut === null ? null : mean(best.map((one) => one.loss)),
    startLoss,
    stopReason,
  };
}

function lossesOf({ booster, heldOut }: EnsembleJob): { loss: number; trainLoss: number } {
  const trainLoss = booster.trainLoss();
  return { loss: heldOut === null ? trainLoss : heldOut.meanLoss(), trainLoss };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The trees of ensemble e are tensors `e/…`. */
function checkpointOf(
  jobs: readonly EnsembleJob[],
  best: readonly Best[],
  epoch: number,
  round: number,
): TrainingCheckpoint {
  const tensors: Record<string, StateTensor> = {};
  jobs.forEach(({ booster }, at) => Object.assign(tensors, treesTensors(booster, `${at}/`)));
  return {
    epoch,
    facts: {
      round,
      bestRounds: best.map((one) => one.rounds),
      bestLosses: best.map((one) => one.loss),
      bestTrainLosses: best.map((one) => one.trainLoss),
    },
    tensors,
  };
}

/** Puts jobs and `best` where they were at the checkpoint; the number of its last round. */
function restore(jobs: readonly EnsembleJob[], best: Best[], checkpoint: TrainingCheckpoint | null): number {
  if (checkpoint === null) return 0;
  const numbers = (name: string): readonly number[] => {
    const value = checkpoint.facts[name];
    if (typeof value !== 'object' || value === null) throw new Error(`the checkpoint has no numbers ${name}`);
    return value;
  };
  const [rounds, losses, trainLosses] = ['bestRounds', 'bestLosses', 'bestTrainLosses'].map(numbers);
  jobs.forEach(({ booster, heldOut }, at) => {
    const stored = readTrees(checkpoint.tensors, `${at}/`).rounds;
    booster.restore(stored);
    stored.forEach((trees) => heldOut?.add(trees));
    best[at] = { rounds: rounds![at]!, loss: losses![at]!, trainLoss: trainLosses![at]! };
  });
  const { round } = checkpoint.facts;
  if (typeof round !== 'number') throw new Error('the checkpoint has no number round');
  return round;
}
