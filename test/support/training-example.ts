import { createHash } from 'node:crypto';
import type { AssetFrame } from '#src/ml/frame/time-frame.js';
import type { ParameterValues } from '#src/ml/parameters.js';
import { prepareFrames } from '#src/ml/processing/prepare-frames.js';
import type { ProcessingPlan } from '#src/ml/processing/processing-plan.js';
import type { BuilderData } from '#src/training/planned-assets.js';
import { ProcessingBuilder } from '#src/training/processing-builder.js';
import type { TrainingHost } from '#src/training/training-host.js';
import type { TrainingJob, TrainingNews, TrainingResult, WorkerArtifact } from '#src/training/worker/protocol.js';
import { HOUR_MS, regularTimes, seededUniform } from './series.js';

const LIMITS = { assets: 100, columns: 100, lookBack: 1_000, horizon: 100 };
const SEASON = 24;

/** Two hourly series with a daily season and noise; the second begins later and has a small gap. */
export function exampleFrames(rows = 600): AssetFrame[] {
  const uniform = seededUniform(5);
  const wave = (row: number, phase: number): number => 10 * Math.sin((2 * Math.PI * (row + phase)) / SEASON);
  const series = (phase: number, offset: number): Float64Array =>
    Float64Array.from({ length: rows }, (_, row) => offset + wave(row, phase) + 2 * (uniform() - 0.5));
  const north = series(0, 50);
  const south = series(6, 20);
  const kept = Array.from({ length: rows }, (_, row) => row).filter((row) => row >= 10 && (row < 100 || row > 102));
  const times = regularTimes(rows, HOUR_MS);
  const frame = (asset: string, rowsKept: readonly number[], values: Float64Array): AssetFrame => ({
    asset,
    assetClass: null,
    frame: {
      times: Float64Array.from(rowsKept, (row) => times[row]!),
      names: ['value'],
      columns: [Float64Array.from(rowsKept, (row) => values[row]!)],
    },
  });
  return [frame('north', Array.from(times.keys()), north), frame('south', kept, south)];
}

export const EXAMPLE_DATA: BuilderData = {
  name: 'stations',
  assets: ['north', 'south'].map((id) => ({ id, assetClass: null, columns: ['value'] })),
};

/** Both series from 24 rows back, 6 ahead; what `adjust` adds. */
export function examplePlan(adjust: (builder: ProcessingBuilder) => ProcessingBuilder = (builder) => builder) {
  const builder = ProcessingBuilder.for(EXAMPLE_DATA, LIMITS)
    .targets(['north', 'south'])
    .windows({ lookBack: SEASON, horizon: 6, stride: 1 })
    .seasonLength(SEASON);
  return adjust(builder).build();
}

export interface ExampleJob {
  readonly algorithm: string;
  readonly hyperparameters?: ParameterValues;
  readonly plan?: ProcessingPlan;
  readonly frames?: readonly AssetFrame[];
  readonly adjust?: Partial<TrainingJob>;
}

export function exampleJob({ algorithm, hyperparameters, plan, frames, adjust }: ExampleJob) {
  const planned = plan ?? examplePlan();
  return {
    executionId: 'exe_example',
    plan: planned,
    prepared: prepareFrames(planned, frames ?? exampleFrames()),
    algorithm: { name: algorithm, hyperparameters: hyperparameters ?? {} },
    importance: true,
    selection: null,
    gapClassifier: true,
    coverages: [0.8, 0.95],
    seed: 11,
    engine: 'auto',
    maxRuntimeMs: null,
    checkpointEveryEpochs: 1,
    resumeFrom: null,
    epochsBefore: [],
    elapsedMsBefore: 0,
    ...adjust,
  } satisfies TrainingJob;
}

/** Files that every evaluated training has. */
export const EVALUATION_FILES = [
  'error-by-step.png',
  'forecast-intervals.json',
  'forecast.png',
  'model-card.md',
  'report.json',
  'residuals.png',
];

export interface Trained {
  readonly result: TrainingResult;
  readonly news: readonly TrainingNews[];
}

export async function train(host: TrainingHost, example: ExampleJob): Promise<Trained> {
  const news: TrainingNews[] = [];
  const result = await host.start(exampleJob(example), (message) => news.push(message)).result;
  return { result, news };
}

export function artifactOf(result: TrainingResult, name: string): WorkerArtifact {
  const artifact = result.artifacts.find((candidate) => candidate.name === name);
  if (artifact === undefined) throw new Error(`no artifact ${name}`);
  return artifact;
}

/** Name and SHA-256 of each artifact. */
export function digestsOf(result: TrainingResult): Record<string, string> {
  return Object.fromEntries(
    result.artifacts.map(({ name, content }) => [name, createHash('sha256').update(content).digest('hex')]),
  );
}

export function logsOf(news: readonly TrainingNews[], level?: 'info' | 'warn'): string[] {
  return news.flatMap((message) =>
    message.type === 'log' && (level ?? message.level) === message.level ? [message.message] : [],
  );
}

export type ProgressNews = Extract<TrainingNews, { type: 'progress' }>;

export function progressOf(news: readonly TrainingNews[]): ProgressNews[] {
  return news.filter((message) => message.type === 'progress');
}
