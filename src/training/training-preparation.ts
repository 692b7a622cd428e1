import type { ArtifactStore } from '../artifacts/index.js';
import type { ClaimedExecution } from '../executions/index.js';
import type { BacktestPlan } from '../ml/evaluation/backtest/backtest-cutoffs.js';
import type { TemplateParameters } from '../templates/index.js';
import type { AssetFrame } from '../ml/frame/time-frame.js';
import type { PreparedFrames } from '../ml/processing/prepared-frames.js';
import type { ProcessingPlan } from '../ml/processing/processing-plan.js';
import { readMembers } from './ensemble-members.js';
import { readImportedFile } from './imported-files.js';
import { ensemblePlan } from './ensemble-plan.js';
import { FeatureStoreAccess, describeFeatureSet, type FeatureStore } from './feature-store-access.js';
import type { BuilderData } from './planned-assets.js';
import { ProcessingBuilder, type BuilderLimits } from './processing-builder.js';
import type { ProcessingPool } from './processing-pool.js';
import { readWarmStart } from './warm-start.js';
import type { TrainingJob } from './worker/protocol.js';

/** Where the series come from. */
export interface TrainingData {
  getVersion(datasetId: string, version: number | null): Promise<BuilderData & { readonly version: number }>;
  loadFrames(datasetId: string, version: number, assetIds: readonly string[]): Promise<AssetFrame[]>;
}

export interface PreparationRooms {
  readonly datasets: TrainingData;
  readonly pool: ProcessingPool;
  readonly featureStore: FeatureStore;
  readonly artifacts: Pick<ArtifactStore, 'read'>;
  readonly limits: BuilderLimits;
}

export interface PreparedTraining {
  readonly job: PreparedJob;
  /** Null when the template asks for no features. */
  readonly featureSet: PreparedFeatureSet | null;
}

export interface PreparedFeatureSet {
  readonly hash: string;
  /** Stores it; resolves when it is durable, or with what went wrong, and never rejects. */
  keep(): Promise<readonly string[]>;
}

type PreparedJob = Omit<TrainingJob, 'resumeFrom' | 'epochsBefore' | 'elapsedMsBefore'>;

/** Loads the frames of an execution, builds its plan and lets the pool compute: everything before the worker starts. */
export async function prepareTraining(
  execution: ClaimedExecution,
  { datasets, pool, featureStore, artifacts, limits }: PreparationRooms,
  log: (message: string, level?: 'warn') => void,
): Promise<PreparedTraining> {
  const { executionId, datasetId, datasetVersion, parameters } = execution;
  const version = await datasets.getVersion(datasetId, datasetVersion);
  const { members, modelFile } = execution;
  const combined = members === undefined ? null : await readMembers(artifacts, executionId, members);
  const plan =
    combined === null
      ? ProcessingBuilder.fromTemplate(parameters, version, limits)
      : ensemblePlan(parameters, version, limits, combined);
  const { name, hyperparameters } = parameters.algorithm;
  const frames = await datasets.loadFrames(
    datasetId,
    datasetVersion,
    plan.assets.map(({ id }) => id),
  );
  log(describeData(version, plan, frames));
  const access = new FeatureStoreAccess(featureStore);
  const preparation = await pool.prepareFrom(access, plan, frames);
  const { prepared } = preparation;
  log(describePrepared(plan, prepared));
  for (const line of describeImputations(plan, prepared)) log(line);
  const featureSet = await access.stage(plan, execution.datasetContentHash, preparation);
  for (const problem of access.problems) log(`Features were computed anew: ${problem}`, 'warn');
  if (featureSet !== null) log(describeFeatureSet(featureSet.hash, preparation));
  for (const note of prepared.notes) log(note);
  const warmStart = execution.warmStart === null ? null : await readWarmStart(artifacts, executionId);
  const { importance, selection } = parameters.features;
  const backtest = backtestOf(parameters);
  const { seed, engine, maxRuntimeSeconds, checkpointEveryEpochs } = parameters.training;
  const job: PreparedJob = {
    executionId,
    lineage: {
      template: { id: execution.templateId, name: execution.templateName, version: execution.templateVersion },
      dataset: {
        id: datasetId,
        name: version.name,
        version: datasetVersion,
        sha256: execution.datasetContentHash,
      },
      ...(execution.warmStart && { warmStart: execution.warmStart }),
      ...(modelFile && { modelFile }),
    },
    plan,
    prepared,
    algorithm: { name, hyperparameters },
    importance: importance.enabled,
    // The columns of an ensemble are those that its members read, and those of a file are what they are.
    selection:
      selection.enabled && combined === null && modelFile === undefined ? { tolerance: selection.tolerance } : null,
    gapClassifier: parameters.gaps.classifier.enabled,
    coverages: [...(parameters.evaluation.intervals ?? [])].sort((one, other) => one - other),
    ...(warmStart && { warmStart }),
    ...(combined && { ensemble: { members: combined, frames } }),
    ...(modelFile && { modelFile: await readImportedFile(artifacts, executionId) }),
    // Refits begin with the rows as they are, so that gaps and features are made anew.
    ...(backtest && { backtest: { ...backtest, frames: backtest.refit ? frames : [] } }),
    seed,
    engine,
    maxRuntimeMs: maxRuntimeSeconds === null ? null : maxRuntimeSeconds * 1000,
    checkpointEveryEpochs,
  };
  if (featureSet === null) return { job, featureSet: null };
  return { job, featureSet: { hash: featureSet.hash, keep: () => access.keep(featureSet, execution) } };
}

/** Null where none is asked for, as in templates that were saved before there was one. */
function backtestOf({ backtest, windows }: TemplateParameters): BacktestPlan | null {
  return backtest ? { ...backtest, step: backtest.step ?? windows.horizon } : null;
}

function describeData(
  { name, version }: BuilderData & { readonly version: number },
  plan: ProcessingPlan,
  frames: readonly AssetFrame[],
): string {
  const rows = frames.reduce((sum, { frame }) => sum + frame.times.length, 0);
  return `Dataset ${name}, version ${version}: ${rows} rows of ${frames.length} assets; forecasting ${list(plan.targets)}`;
}

function describePrepared(plan: ProcessingPlan, { series, filled, features }: PreparedFrames): string {
  const rows = series.times.length;
  const missing = countMissing(series.columns);
  const masked = countMissing(filled.columns);
  const from = rows === 0 ? '' : `, ${iso(series.times[0])} to ${iso(series.times[rows - 1])}`;
  const gaps =
    missing === 0
      ? 'no missing values'
      : `${missing} missing values: ${missing - masked} filled by ${plan.gaps.imputation}, ${masked} masked (before a series begins, or in large gaps)`;
  return `Common axis of ${rows} rows${from}; ${gaps}; ${features.columns.length} feature columns`;
}

/** What `auto` chose for the main columns, with the errors it was chosen by. */
function describeImputations({ assets }: ProcessingPlan, { imputations }: PreparedFrames): string[] {
  return assets.flatMap(({ id, column }) => {
    const { method, scores } = imputations[`${id}/${column}`] ?? {};
    if (method === undefined || scores === undefined) return [];
    const errors = Object.entries(scores).map(([name, error]) => `${name} ${Number(error.toPrecision(4))}`);
    const why =
      errors.length === 0 ? 'too few known values to compare methods' : `MAE on masked values: ${errors.join(', ')}`;
    return [`Small gaps of ${id} are filled by ${method} (${why})`];
  });
}

function countMissing(columns: readonly Float64Array[]): number {
  return columns.reduce(
    (sum, column) => sum + column.reduce((nans, value) => nans + (Number.isNaN(value) ? 1 : 0), 0),
    0,
  );
}

function list(ids: readonly string[]): string {
  return ids.length <= 5 ? ids.join(', ') : `${ids.slice(0, 5).join(', ')} and ${ids.length - 5} more`;
}

function iso(timeMs: number | undefined): string {
  return timeMs === undefined ? '' : new Date(timeMs).toISOString();
}
