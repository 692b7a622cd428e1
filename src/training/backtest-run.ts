import { createHash } from 'node:crypto';
import { isTrainyardError, type ErrorCode } from '../common/errors/index.js';
import type { TrainingContext } from '../ml/algorithms/algorithm.js';
import { backtestCutoffs } from '../ml/evaluation/backtest/backtest-cutoffs.js';
import { backtestModel, type Backtested, type BacktestRows } from '../ml/evaluation/backtest/backtest-model.js';
import { RefitScores } from '../ml/evaluation/backtest/refit-scores.js';
import {
  framesOfWindow,
  originOfWindow,
  refitWindows,
  type RefitWindow,
} from '../ml/evaluation/backtest/refit-window.js';
import { backtestDirections } from '../ml/evaluation/backtest/backtest-directions.js';
import type { FinishedWindow } from '../ml/evaluation/backtest/finished-window.js';
import type { DirectionBacktested } from '../ml/evaluation/backtest/direction-backtest.js';
import { DirectionWindows } from '../ml/evaluation/backtest/direction-windows.js';
import type { EvaluationContext } from '../ml/evaluation/evaluate.js';
import { encodeModelState } from '../ml/export/model-state-codec.js';
import type { ParameterValues } from '../ml/parameters.js';
import { fitProcessingInSteps } from '../ml/processing/fit-processing.js';
import { prepareFramesInSteps } from '../ml/processing/prepare-frames.js';
import { checkPartLengths, checkSplit, splitRows } from '../ml/processing/split-rows.js';
import { collectDirections, collectForecasts, type RefitCollector, type WindowFit } from './backtest-collectors.js';
import { describeBacktestCost } from './backtest-log.js';
import { chooseInputs } from './feature-importance.js';
import { fitInSteps, type StepSurroundings } from './fit-in-steps.js';
import type { TrainingStrategy } from './ml-strategy.js';
import type { LogLine } from './training-log.js';
import type { BacktestJob, TrainingJob } from './worker/protocol.js';

/** The training that a backtest belongs to. */
export interface BacktestTraining {
  readonly job: TrainingJob;
  readonly backtest: BacktestJob;
  readonly strategy: TrainingStrategy;
  readonly hyperparameters: ParameterValues;
}

export interface BacktestSurroundings extends StepSurroundings {
  /** Of the whole execution; null without a budget. */
  budgetLeftMs(): number | null;
  /** 0…1 over all windows. */
  onProgress(fraction: number): void;
  say(lines: readonly LogLine[]): void;
  /** Of each window that was not finished before, once; a run that is interrupted is given them by `BacktestJob.finished`. */
  onWindow(finished: FinishedWindow): void;
}

/** The model of the main training, and what it was made of. */
export type BacktestedModel = Parameters<typeof backtestModel>[1];

/** By the task of the training. */
export type FinishedBacktest = (
  ({ readonly task: 'forecast' } & Backtested) | ({ readonly task: 'direction' } & DirectionBacktested)
) & {
  /** The runtime was used up before all windows were fitted. */
  readonly isCutShort: boolean;
};

/** What says something of a window's rows, not of the installation: the window is left out and the others go on. */
const OF_THE_WINDOW: ReadonlySet<ErrorCode> = new Set([
  'SERIES_EMPTY',
  'SERIES_CONSTANT',
  'SERIES_TOO_SHORT',
  'WINDOWS_NONE',
  'LOSS_NOT_FINITE',
  'FORECAST_NOT_FINITE',
]);

/** Shares of a window's progress: its features, its transforms and windows; the rest is the algorithm. */
const PREPARED_AT = 0.15;
const PROCESSED_AT = 0.25;

/** Refuses a backtest that the rows do not hold, before anything is trained. */
export function checkBacktest({ plan, prepared }: TrainingJob, backtest: BacktestJob): void {
  checkSplit(plan);
  const parts = splitRows(plan.split, prepared.series.times);
  checkPartLengths(plan, parts);
  if (backtest.refit) refitWindows(plan, backtest, prepared, parts);
  else backtestCutoffs(backtest, parts, plan.split, plan.windows.horizon);
}

/** Scores the algorithm at the cut-offs: the model as it is, or, with refit, one that is fitted anew at each of them. */
export async function runBacktest(
  training: BacktestTraining,
  model: BacktestedModel,
  rows: BacktestRows,
  mainFitMs: number,
  surroundings: BacktestSurroundings,
): Promise<FinishedBacktest> {
  const { job, backtest } = training;
  const isDirection = model.data.directions !== undefined;
  if (!backtest.refit) {
    return isDirection
      ? { task: 'direction', ...(await backtestDirections(backtest, model, rows, surroundings)), isCutShort: false }
      : { task: 'forecast', ...(await backtestModel(backtest, model, rows, surroundings)), isCutShort: false };
  }
  const windows = refitWindows(job.plan, backtest, job.prepared, rows.parts);
  const kept = new Map((backtest.finished ?? []).map((finished) => [finished.cutoff, finished]));
  const counts = { all: windows.length, kept: windows.filter(({ cutoff }) => kept.has(cutoff)).length };
  surroundings.say(describeBacktestCost(counts, mainFitMs, surroundings.budgetLeftMs(), job.elapsedMsBefore));
  const cutoffs = Int32Array.from(windows, ({ cutoff }) => cutoff);
  const collector = isDirection
    ? collectDirections(new DirectionWindows(backtest, model.data))
    : collectForecasts(new RefitScores(backtest, model.data, model.fitted, cutoffs), job.coverages);
  let isCutShort = false;
  for (const [at, window] of windows.entries()) {
    const progress = (share: number): void => surroundings.onProgress((at + share) / windows.length);
    const place = { at, windows: windows.length, time: job.prepared.series.times[window.cutoff]! };
    const before = kept.get(window.cutoff);
    const finished =
      before ?? (await finishWindow(training, window, { ...surroundings, onProgress: progress }, at, collector));
    const isBudget = finished.kind === 'skipped' && finished.code === BUDGET;
    isCutShort ||= isBudget;
    // What the budget left out may have its turn after an interruption.
    if (before === undefined && !isBudget) surroundings.onWindow(finished);
    const said = collector.add(window, place, finished);
    if (before === undefined) surroundings.say([said]);
    progress(1);
  }
  return { ...collector.finish(), isCutShort };
}

/** Of a window that the runtime did not hold, in the place of a code of the table. */
const BUDGET = 'BUDGET';

/** What was scored, or why nothing could be. */
async function finishWindow(
  training: BacktestTraining,
  window: RefitWindow,
  surroundings: BacktestSurroundings,
  at: number,
  collector: Pick<RefitCollector<unknown>, 'score'>,
): Promise<FinishedWindow> {
  try {
    return await fitWindow(training, window, surroundings, at, (fit, watched) => collector.score(window, fit, watched));
  } catch (error) {
    const isBudget = error instanceof BudgetUsedUp;
    if (!isBudget && !(isTrainyardError(error) && OF_THE_WINDOW.has(error.code))) throw error;
    const { cutoff } = window;
    return { kind: 'skipped', cutoff, code: isBudget ? BUDGET : error.code, message: error.message };
  }
}

/** A model that the budget cut short is not what the hyperparameters describe: its window is not scored. */
class BudgetUsedUp extends Error {
  constructor() {
    super('the runtime budget was used up before its model was fitted: raise training.maxRuntimeSeconds');
  }
}

/** One ordinary training up to its scores by `score`. When it returns, nothing of it is held but what that keeps. */
async function fitWindow<Scored>(
  { job, backtest, strategy, hyperparameters }: BacktestTraining,
  window: RefitWindow,
  surroundings: BacktestSurroundings,
  at: number,
  score: (fit: WindowFit, watched: EvaluationContext) => Promise<Scored>,
): Promise<Scored> {
  const assertBudget = (): void => {
    if (surroundings.budgetLeftMs() === 0) throw new BudgetUsedUp();
  };
  const advance = (share: number): void => {
    assertBudget();
    surroundings.onProgress(share);
  };
  advance(0);
  const prepared = await fitInSteps(
    prepareFramesInSteps(window.plan, framesOfWindow(backtest.frames, window)),
    surroundings,
    (share) => advance(share * PREPARED_AT),
  );
  const processed = await fitInSteps(fitProcessingInSteps(window.plan, prepared), surroundings, ({ fraction }) =>
    advance(PREPARED_AT + fraction * (PROCESSED_AT - PREPARED_AT)),
  );
  const origin = originOfWindow(processed.data, window.cutoff, job.prepared.series.times);
  const { fitted, data } =
    job.selection === null
      ? processed
      : await chooseInputs(processed.fitted, processed.data, { ...job.selection, seed: job.seed }, surroundings);
  assertBudget();
  const context = windowContext(job, surroundings, at);
  const outcome = await strategy.algorithm.fit(data, hyperparameters, context);
  if (outcome.stopReason === 'budget') throw new BudgetUsedUp();
  const forecaster = await strategy.algorithm.restore(outcome.model);
  try {
    const modelSha256 = createHash('sha256').update(encodeModelState(outcome.model)).digest('hex');
    return await score(
      { data, fitted, forecaster, origin, modelSha256 },
      { ...surroundings, onProgress: () => undefined },
    );
  } finally {
    forecaster.dispose();
  }
}

/** As the main training's, apart from what is kept of it: no epochs, no checkpoints. */
function windowContext(job: TrainingJob, surroundings: BacktestSurroundings, at: number): TrainingContext {
  const { maxRuntimeMs } = job;
  return {
    seed: job.seed,
    engine: job.engine,
    maxRuntimeMs,
    checkpointEveryEpochs: job.checkpointEveryEpochs,
    resumeFrom: null,
    isCancelled: () => surroundings.isCancelled(),
    elapsedMs: () => (maxRuntimeMs ?? 0) - (surroundings.budgetLeftMs() ?? 0),
    breathe: () => surroundings.breathe(),
    onProgress: ({ fraction }) => surroundings.onProgress(PROCESSED_AT + fraction * (1 - PROCESSED_AT)),
    onEpoch: ({ epoch, epochs }) => surroundings.onProgress(PROCESSED_AT + (epoch / epochs) * (1 - PROCESSED_AT)),
    onCheckpoint: () => undefined,
    log: (level, message) => {
      if (level === 'warn') surroundings.say([{ level, message: `Backtest window ${at + 1}: ${message}` }]);
    },
  };
}
