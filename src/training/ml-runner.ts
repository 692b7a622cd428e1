import { createHash } from 'node:crypto';
import { TrainyardError } from '../common/errors/index.js';
import type { EpochRecord, FitOutcome, TrainingContext } from '../ml/algorithms/algorithm.js';
import { evaluateModel } from '../ml/evaluation/report.js';
import type { EvaluationReport } from '../ml/evaluation/evaluation-report.js';
import { encodeModelState } from '../ml/export/model-state-codec.js';
import { fitProcessing } from '../ml/processing/fit-processing.js';
import { exportArtifacts } from './training-artifacts.js';
import { getStrategy, type TrainingStrategy } from './ml-strategy.js';
import { ProgressThrottle } from './progress-throttle.js';
import { RunInformation, type StepProgress } from './run-information.js';
import { describeFit, describeScores, describeWindows } from './training-log.js';
import type { TrainingJob, TrainingMessage, TrainingResult, TrainingStep } from './worker/protocol.js';

/** What the runner asks of the thread it runs in. */
export interface RunnerSurroundings {
  /** Milliseconds of any monotonic origin. */
  now(): number;
  isCancelled(): boolean;
  /** Lets timers and messages through. */
  breathe(): Promise<void>;
  send(message: Exclude<TrainingMessage, { type: 'result' } | { type: 'failed' }>): void;
}

/**
 * One training from prepared frames to artifacts: fit processing → fit → evaluate → draw → export. It knows no
 * framework and no thread. Everything it returns is a function of the job alone, never of the time it took: the same
 * job gives the same bytes.
 */
export class MLRunner {
  private readonly strategy: TrainingStrategy;
  private readonly run: RunInformation<TrainingStep>;
  private readonly throttle: ProgressThrottle;
  private readonly epochs: EpochRecord[];

  constructor(
    private readonly job: TrainingJob,
    private readonly surroundings: RunnerSurroundings,
  ) {
    this.strategy = getStrategy(job.algorithm.name);
    this.run = new RunInformation({
      executionId: job.executionId,
      seed: job.seed,
      steps: this.strategy.steps,
      maxRuntimeMs: job.maxRuntimeMs,
      elapsedMsBefore: job.elapsedMsBefore,
      now: () => surroundings.now(),
    });
    this.throttle = new ProgressThrottle(() => surroundings.now());
    this.epochs = [...job.epochsBefore];
  }

  async train(): Promise<TrainingResult> {
    const { job, strategy } = this;
    await this.enter('windows');
    this.tellIgnoredFeatures();
    const { fitted, data } = fitProcessing(job.plan, job.prepared);
    for (const line of describeWindows(fitted, data)) this.log('info', line);

    await this.enter('training');
    const outcome = await strategy.algorithm.fit(data, job.algorithm.hyperparameters, this.context());
    this.report({ fraction: 1, loss: outcome.loss, validationLoss: outcome.validationLoss }, true);
    for (const line of describeFit(outcome)) this.log('info', line);

    const forecaster = await strategy.algorithm.restore(outcome.model);
    try {
      await this.enter('evaluating');
      const report = await evaluateModel(data, fitted, forecaster, this.evaluationContext());
      for (const { level, line } of describeScores(report)) this.log(level, line);

      await this.enter('drawing');
      const pictures = await drawPictures({ fitted, data, forecaster, epochs: strategy.iterative ? this.epochs : [] });

      await this.enter('exporting');
      return await this.assemble(outcome, fitted, report, pictures);
    } finally {
      forecaster.dispose();
    }
  }
}
