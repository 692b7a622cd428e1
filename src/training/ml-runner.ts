import { TrainyardError } from '../common/errors/index.js';
import type { EpochRecord, FitOutcome, Forecaster, TrainingContext } from '../ml/algorithms/algorithm.js';
import type { BacktestRows } from '../ml/evaluation/backtest/backtest-model.js';
import type { ModelReport } from '../ml/evaluation/direction-report.js';
import type { EvaluationContext } from '../ml/evaluation/evaluate.js';
import { evaluateDirections } from '../ml/evaluation/evaluate-directions.js';
import { evaluateModel } from '../ml/evaluation/report.js';
import { trainGapClassifier, type TrainedGapClassifier } from '../ml/gaps/train-gap-classifier.js';
import type { ParameterValues } from '../ml/parameters.js';
import { importanceSpec } from '../ml/plots/importance-spec.js';
import { lossSpec, type LossPicture } from '../ml/plots/loss-spec.js';
import { fitProcessingInSteps } from '../ml/processing/fit-processing.js';
import type { FittedProcessing, PartRows } from '../ml/processing/processing-plan.js';
import { resolveParameters } from '../ml/resolve-parameters.js';
import { describeAutoencoder } from './autoencoder-log.js';
import { describeBacktest, describeDirectionBacktest } from './backtest-log.js';
import { checkBacktest, runBacktest, type BacktestedModel, type FinishedBacktest } from './backtest-run.js';
import { finishEnsemble, joinMembers, type FinishedFit } from './ensemble-run.js';
import { takenOverInContext, trainedElsewhere } from './imported-run.js';
import { fitInSteps } from './fit-in-steps.js';
import type { WindowedData } from '../ml/windows/windowed-data.js';
import { chooseInputs, describeImportance, measureImportance, type ChosenInputs } from './feature-importance.js';
import { getStrategy, type TrainingStrategy } from './ml-strategy.js';
import { describeIgnored } from './ignored-parts.js';
import { ProgressThrottle } from './progress-throttle.js';
import { RunInformation, type StepProgress } from './run-information.js';
import { describeDirections } from './direction-log.js';
import { drawDirectionBacktest, drawDirections } from './direction-pictures.js';
import { Pictures } from './pictures.js';
import { drawAutoencoder, drawBacktest, drawForecasts, exportTraining } from './training-artifacts.js';
import {
  describeFit,
  describeGapClassifier,
  describeIntervals,
  describeScores,
  describeWarmStart,
  describeWindows,
  type LogLine,
} from './training-log.js';
import type { TrainingJob, TrainingNews, TrainingResult, TrainingStep } from './worker/protocol.js';

const HYPERPARAMETERS = 'algorithm.hyperparameters';

/** What the runner asks of the thread it runs in. */
export interface RunnerSurroundings {
  /** Milliseconds of any monotonic origin. */
  now(): number;
  isCancelled(): boolean;
  /** Lets timers and messages through. */
  breathe(): Promise<void>;
  send(news: TrainingNews): void;
}

/**
 * One training from prepared frames to artifacts: fit the processing, fit the algorithm, evaluate, draw, export. It
 * knows no framework and no thread. What it returns is a function of the job alone, never of the time it took: the same
 * job gives the same bytes.
 */
export class MLRunner {
  private readonly strategy: TrainingStrategy;
  private readonly run: RunInformation<TrainingStep>;
  private readonly throttle: ProgressThrottle;
  private readonly hyperparameters: ParameterValues;
  private readonly epochs: EpochRecord[];

  constructor(
    private readonly job: TrainingJob,
    private readonly surroundings: RunnerSurroundings,
  ) {
    const now = (): number => surroundings.now();
    this.strategy = getStrategy(job.algorithm.name, {
      autoencoder: this.trainsAutoencoder,
      backtest: job.backtest,
    });
    const { hyperparameters } = job.algorithm;
    this.hyperparameters = resolveParameters(this.strategy.algorithm.hyperparameters, hyperparameters, HYPERPARAMETERS);
    this.run = new RunInformation({
      executionId: job.executionId,
      seed: job.seed,
      steps: this.strategy.steps,
      maxRuntimeMs: job.maxRuntimeMs,
      elapsedMsBefore: job.elapsedMsBefore,
      now,
    });
    this.throttle = new ProgressThrottle(now);
    this.epochs = [...job.epochsBefore];
  }

  async train(): Promise<TrainingResult> {
    const { job, strategy } = this;
    if (job.backtest !== undefined) checkBacktest(job, job.backtest);
    const beganAt = this.run.runtimeMs;
    const { parts, autoencoder, settledAt, ...processed } = await this.fitProcessing();
    this.say(describeWindows(processed.fitted, processed.data));
    const { selection, ...chosen } = await this.chooseInputs(processed);

    await this.enter('training');
    const context = { ...this.trainingContext(), ...takenOverInContext(job, chosen.fitted) };
    const trained = await strategy.algorithm.fit(chosen.data, this.hyperparameters, context);
    this.advance({ fraction: 1, loss: trained.loss, validationLoss: trained.validationLoss }, true);
    this.say(describeFit(trained));
    const fitMs = this.run.runtimeMs - beganAt;

    await this.enter('evaluating');
    const { fitted, data, outcome, members } = await this.finishFit({ ...chosen, outcome: trained });
    const forecaster = await strategy.algorithm.restore(outcome.model);
    try {
      const evaluated = await this.evaluate(data, fitted, forecaster);
      const elsewhere = trainedElsewhere(strategy.algorithm, job);
      this.say(elsewhere.lines);
      const gaps = job.gapClassifier ? await this.trainGaps(data, fitted, parts) : null;
      // Drawn in a thread of their own, beside what is left of the training.
      const pictures = new Pictures();
      const { algorithm } = strategy;
      const drawn = { algorithm: algorithm.title, data };
      const withGaps = gaps?.classifier ? { gaps: gaps.evaluations } : {};
      if (evaluated.task === 'direction') {
        drawDirections(pictures, { ...drawn, ...evaluated });
      } else {
        const report = { ...evaluated.report, ...withGaps };
        const { intervals, residuals } = evaluated;
        const shown = { ...drawn, fitted, parts, report, gaps: gaps?.classifier ?? null };
        await drawForecasts(pictures, { ...shown, forecaster, intervals, residuals });
      }
      if (strategy.iterative && this.epochs.length > 0) {
        pictures.begin('loss.png', lossSpec({ ...drawn, epochs: this.epochs, ...lossPictured(outcome) }));
      }

      const readsFuture = algorithm.usesKnownFuture === true;
      const subject = { fitted, data, forecaster, readsFuture };
      const importance =
        job.importance &&
        // What a column is worth is said by the member that reads it.
        job.ensemble === undefined &&
        (algorithm.usesFeatures || (readsFuture && data.future !== undefined))
          ? await measureImportance(subject, selection, job.seed, this.surroundings)
          : null;
      this.say(describeImportance(importance));
      const intervals = evaluated.task === 'direction' ? null : evaluated.intervals;
      const model = { data, fitted, forecaster, intervals };
      const backtested = await this.backtest(model, { complete: processed.data, parts, settledAt }, fitMs);

      await this.enter('drawing');
      const report: ModelReport =
        evaluated.task === 'direction'
          ? {
              ...evaluated.report,
              ...withGaps,
              ...(backtested?.task === 'direction' && { backtest: backtested.report }),
            }
          : {
              ...evaluated.report,
              ...withGaps,
              ...(backtested?.task === 'forecast' && { backtest: backtested.report }),
              ...(members && { members }),
              ...elsewhere.flag,
            };
      if (importance !== null) pictures.begin('feature-importance.png', importanceSpec(importance, algorithm.title));
      if (autoencoder !== null) drawAutoencoder(pictures, autoencoder);
      if (backtested?.task === 'direction') await drawDirectionBacktest(pictures, { ...drawn, ...backtested });
      if (backtested?.task === 'forecast') await drawBacktest(pictures, { ...drawn, fitted, parts, ...backtested });

      await this.enter('exporting');
      const results = { algorithm, fitted, data, report, importance, intervals, gaps: gaps?.classifier ?? null };
      const { modelSha256, artifacts, lines } = await exportTraining(outcome, results, job, pictures.names);
      this.say(lines);
      const drawings = await pictures.drawn();
      this.advance({ fraction: 1 }, true);
      const { train, validation, test } = data.origins;
      return {
        ...outcome,
        ...(backtested?.isCutShort && { stopReason: 'budget' }),
        fitted,
        report,
        importance,
        artifacts: [...artifacts, ...drawings],
        modelSha256,
        windows: { train: train.length, validation: validation.length, test: test.length },
      };
    } finally {
      forecaster.dispose();
    }
  }

  private get trainsAutoencoder(): boolean {
    return this.job.plan.autoencoder !== undefined && this.job.warmStart === undefined;
  }

  /**
   * The budget may cut an autoencoder short, but not in a training that goes on from a checkpoint: the network's weights
   * belong to the codes of an autoencoder that had come to its end.
   */
  private async fitProcessing(): Promise<Awaited<ReturnType<typeof joinMembers>>> {
    const { plan, prepared, resumeFrom, warmStart } = this.job;
    await this.enter(this.trainsAutoencoder ? 'autoencoder' : 'windows');
    this.say(describeIgnored(this.job, this.strategy.algorithm));
    const fit = await fitInSteps(
      fitProcessingInSteps(plan, prepared, warmStart?.fitted ?? null),
      this.surroundings,
      (progress) => {
        this.advance(progress);
        return resumeFrom === null && this.run.budgetLeftMs === 0 ? 'stop' : undefined;
      },
    );
    const { autoencoder } = fit;
    if (autoencoder !== null) {
      this.advance({ fraction: 1, epoch: null, epochs: null, loss: null }, true);
      this.say(describeAutoencoder(autoencoder));
      await this.enter('windows');
    }
    return joinMembers(fit, this.job, this.surroundings, (fraction) => this.advance({ fraction }));
  }

  private async finishFit(fit: Omit<FinishedFit, 'members' | 'lines'>): Promise<FinishedFit> {
    const { ensemble } = this.job;
    if (ensemble === undefined) return { ...fit, lines: [] };
    const finished = await finishEnsemble(ensemble, this.strategy.algorithm, fit, this.evaluationContext());
    this.say(finished.lines);
    return finished;
  }

  /** Scores by the task, and says how they are. */
  private async evaluate(data: WindowedData, fitted: FittedProcessing, forecaster: Forecaster) {
    const { coverages } = this.job;
    const context = this.evaluationContext();
    if (data.directions !== undefined) {
      const evaluated = await evaluateDirections(data, forecaster, fitted.plan.windows.evaluationStride ?? 1, context);
      this.say(describeDirections(evaluated.report));
      return { task: 'direction', ...evaluated } as const;
    }
    const evaluated = await evaluateModel(data, fitted, forecaster, context, coverages);
    this.say([
      ...describeScores(evaluated.report),
      ...describeIntervals(coverages, evaluated.intervals, evaluated.report),
    ]);
    return { task: 'forecast', ...evaluated } as const;
  }

  private async chooseInputs(processed: Pick<ChosenInputs, 'fitted' | 'data'>): Promise<ChosenInputs> {
    const { selection, seed, warmStart } = this.job;
    if (warmStart !== undefined) this.say(describeWarmStart(processed.fitted, warmStart.fitted, selection !== null));
    // The weights read the columns that were chosen for their origin.
    if (selection === null || warmStart !== undefined) return { ...processed, selection: null, lines: [] };
    const { fitted, data } = processed;
    const chosen = await chooseInputs(fitted, data, { ...selection, seed }, this.surroundings);
    this.say(chosen.lines);
    return chosen;
  }

  private async trainGaps(
    data: WindowedData,
    fitted: FittedProcessing,
    parts: PartRows,
  ): Promise<TrainedGapClassifier | null> {
    const training = trainGapClassifier(data, fitted, parts, this.job.seed);
    const trained = await fitInSteps(training, this.surroundings, () => undefined);
    this.say(describeGapClassifier(trained));
    return trained;
  }

  private async backtest(model: BacktestedModel, rows: BacktestRows, fitMs: number): Promise<FinishedBacktest | null> {
    const { job, strategy, hyperparameters, run, surroundings } = this;
    const { backtest } = job;
    if (backtest === undefined) return null;
    await this.enter('backtest');
    const training = { job, backtest, strategy, hyperparameters };
    const finished = await runBacktest(training, model, rows, fitMs, {
      isCancelled: () => surroundings.isCancelled(),
      breathe: () => surroundings.breathe(),
      budgetLeftMs: () => run.budgetLeftMs,
      onProgress: (fraction) => this.advance({ fraction }),
      say: (lines) => this.say(lines),
      onWindow: (window) =>
        surroundings.send({ type: 'backtest-window', finished: window, elapsedMs: Math.round(run.runtimeMs) }),
    });
    this.say(
      finished.task === 'direction' ? describeDirectionBacktest(finished.report) : describeBacktest(finished.report),
    );
    return finished;
  }

  private trainingContext(): TrainingContext {
    const { job, surroundings } = this;
    return {
      seed: job.seed,
      engine: job.engine,
      maxRuntimeMs: job.maxRuntimeMs,
      checkpointEveryEpochs: job.checkpointEveryEpochs,
      resumeFrom: job.resumeFrom,
      ...(job.warmStart && { warmStart: job.warmStart.model }),
      isCancelled: () => surroundings.isCancelled(),
      elapsedMs: () => this.run.runtimeMs,
      breathe: () => surroundings.breathe(),
      // What has no epochs counts none.
      onProgress: ({ fraction, loss, epoch, epochs }) =>
        this.advance(epochs === 0 ? { fraction, loss } : { fraction, loss, epoch, epochs }),
      onEpoch: (record) => {
        this.epochs.push(record);
        surroundings.send({ type: 'epoch', record });
        this.advance({
          fraction: record.epoch / record.epochs,
          epoch: record.epoch,
          epochs: record.epochs,
          loss: record.loss,
          validationLoss: record.validationLoss,
        });
      },
      onCheckpoint: (checkpoint) =>
        surroundings.send({ type: 'checkpoint', checkpoint, elapsedMs: Math.round(this.run.runtimeMs) }),
      log: (level, message) => surroundings.send({ type: 'log', level, message }),
    };
  }

  private evaluationContext(): EvaluationContext {
    return {
      isCancelled: () => this.surroundings.isCancelled(),
      breathe: () => this.surroundings.breathe(),
      onProgress: (fraction) => this.advance({ fraction }),
    };
  }

  /** Begins a step; a cancel that came during the one before ends the training here. */
  private async enter(step: TrainingStep): Promise<void> {
    await this.surroundings.breathe();
    if (this.surroundings.isCancelled()) {
      throw new TrainyardError('CANCELLED', `The training was cancelled before the step ${step}`);
    }
    this.run.enter(step);
    this.sendProgress(true);
  }

  private advance(progress: StepProgress, important = false): void {
    this.run.advance(progress);
    this.sendProgress(important);
  }

  private sendProgress(important: boolean): void {
    if (!this.throttle.admits(important)) return;
    const { step, percent, epoch, epochs, loss, validationLoss, etaSeconds } = this.run.snapshot();
    if (step === null) return;
    this.surroundings.send({ type: 'progress', step, percent, epoch, epochs, loss, validationLoss, etaSeconds });
  }

  private say(lines: readonly LogLine[]): void {
    for (const { level, message } of lines) this.surroundings.send({ type: 'log', level, message });
  }
}

function lossPictured({ bestEpoch, lossName }: FitOutcome): Omit<LossPicture, 'algorithm' | 'epochs'> {
  if (lossName === 'log') return { bestEpoch, measure: 'log loss', isScaled: false };
  return lossName === undefined || lossName === 'mse' ? { bestEpoch } : { bestEpoch, measure: `${lossName} loss` };
}
