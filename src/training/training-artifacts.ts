import { createHash } from 'node:crypto';
import type { TableColumn } from '../common/tables/index.js';
import type { Algorithm, FitOutcome, Forecaster } from '../ml/algorithms/algorithm.js';
import type { ModelReport } from '../ml/evaluation/direction-report.js';
import type { ForecastIntervals } from '../ml/evaluation/forecast-intervals.js';
import type { ResidualTrace } from '../ml/evaluation/residual-trace.js';
import type { ImportanceReport } from '../ml/explain/feature-importance.js';
import { canonicalJson } from '../ml/export/canonical-json.js';
import { writeKeras } from '../ml/export/keras-file.js';
import { modelCard } from '../ml/export/model-card.js';
import { encodeModelState } from '../ml/export/model-state-codec.js';
import { networkWeightsOf } from '../ml/export/network-weights.js';
import { onnxModelOf, whyNoOnnx } from '../ml/export/onnx-file.js';
import type { GapClassifier } from '../ml/gaps/gap-classifier.js';
import { backtestSpec, type BacktestPicture } from '../ml/plots/backtest-spec.js';
import type { ForecastPicture } from '../ml/plots/forecast-picture.js';
import { forecastSpec } from '../ml/plots/forecast-spec.js';
import { traceForecasts } from '../ml/plots/forecast-trace.js';
import { residualSpec } from '../ml/plots/residual-spec.js';
import { stepErrorSpec } from '../ml/plots/step-error-spec.js';
import { lossSpec } from '../ml/plots/loss-spec.js';
import type { AutoencoderReport } from '../ml/processing/fit-autoencoder.js';
import type { FittedProcessing } from '../ml/processing/processing-plan.js';
import type { WindowedData } from '../ml/windows/windowed-data.js';
import { backtestTable } from './backtest-table.js';
import type { Pictures } from './pictures.js';
import { describeNoOnnx, type LogLine } from './training-log.js';
import type { TrainingJob, WorkerArtifact } from './worker/protocol.js';

const JSON_TYPE = 'application/json';
/** A zip with Keras 3's layout; it has no registered type. */
const KERAS_TYPE = 'application/zip';
/** Protocol Buffers; ONNX has no registered type. */
const ONNX_TYPE = 'application/octet-stream';
const MARKDOWN_TYPE = 'text/markdown; charset=utf-8';

/**
 * The files of a trained model. None holds a time or an id of the run: the same job gives the same bytes.
 */
export async function exportTraining(
  outcome: FitOutcome,
  results: {
    readonly algorithm: Algorithm;
    readonly fitted: FittedProcessing;
    readonly data: WindowedData;
    readonly report: ModelReport;
    readonly importance: ImportanceReport | null;
    readonly intervals: ForecastIntervals | null;
    readonly gaps: GapClassifier | null;
  },
  { seed, lineage }: Pick<TrainingJob, 'seed' | 'lineage'>,
  pictureNames: readonly string[],
): Promise<{
  readonly modelSha256: string;
  readonly artifacts: readonly WorkerArtifact[];
  readonly lines: readonly LogLine[];
}> {
  const { model } = outcome;
  const content = encodeModelState(model);
  const modelSha256 = createHash('sha256').update(content).digest('hex');
  const artifacts: WorkerArtifact[] = [
    { name: 'model.json', contentType: JSON_TYPE, content },
    { name: 'processing.json', contentType: JSON_TYPE, content: encodeJson(results.fitted) },
    { name: 'report.json', contentType: JSON_TYPE, content: encodeJson(results.report) },
  ];
  if (results.importance !== null) {
    const content = encodeJson(results.importance);
    artifacts.push({ name: 'feature-importance.json', contentType: JSON_TYPE, content });
  }
  if (results.intervals !== null) {
    const content = encodeJson(results.intervals);
    artifacts.push({ name: 'forecast-intervals.json', contentType: JSON_TYPE, content });
  }
  if (results.gaps !== null) {
    artifacts.push({ name: 'gap-classifier.json', contentType: JSON_TYPE, content: encodeJson(results.gaps) });
  }
  const knownFuture = results.data.future?.names;
  const onnx = onnxModelOf(model, { seed, modelSha256, ...(knownFuture !== undefined && { knownFuture }) });
  const noOnnx = whyNoOnnx(model);
  if (onnx !== null) artifacts.push({ name: 'model.onnx', contentType: ONNX_TYPE, content: onnx });
  const network = model.network === undefined ? model.values : model;
  if (network?.network !== undefined) {
    const metadata = {
      algorithm: model.algorithm,
      hyperparameters: model.hyperparameters,
      lookBack: model.lookBack,
      horizon: model.horizon,
      inputs: model.inputs,
      targets: model.targets,
      seed,
      modelSha256,
    };
    const keras = await writeKeras(network.network, networkWeightsOf(network), metadata);
    artifacts.push({ name: 'model.keras', contentType: KERAS_TYPE, content: keras });
  }
  const files = [...artifacts.map(({ name }) => name), ...pictureNames];
  const { algorithm, fitted, data, report, intervals } = results;
  const card = modelCard({
    algorithm,
    model,
    modelSha256,
    summary: outcome,
    fitted,
    data,
    report,
    intervals,
    files,
    noOnnx,
    seed,
    ...(lineage !== undefined && { lineage }),
  });
  artifacts.push({ name: 'model-card.md', contentType: MARKDOWN_TYPE, content: new TextEncoder().encode(card) });
  return { modelSha256, artifacts, lines: noOnnx === null ? [] : [describeNoOnnx(model.algorithm, noOnnx)] };
}

/** Begins forecast against actual, the error by step and the residuals. */
export async function drawForecasts(
  pictures: Pictures,
  subject: Omit<ForecastPicture, 'traces'> & {
    readonly forecaster: Forecaster;
    readonly intervals: ForecastIntervals | null;
    readonly residuals: ResidualTrace | null;
  },
): Promise<void> {
  const { forecaster, intervals, residuals, ...shown } = subject;
  const validation = await traceForecasts(shown.data, shown.fitted, forecaster, 'validation', intervals);
  const test = await traceForecasts(shown.data, shown.fitted, forecaster, 'test', intervals);
  const traces = [validation, test].filter((trace) => trace !== null);
  pictures.begin('forecast.png', forecastSpec({ ...shown, traces }));
  const { data, report, algorithm } = shown;
  const stepErrors = stepErrorSpec(report, algorithm);
  if (stepErrors !== null) pictures.begin('error-by-step.png', stepErrors);
  const part = data.origins.test.length > 0 ? report.test : report.validation;
  if (part !== null && residuals !== null) {
    const { times, horizon, seasonLength } = data;
    const spec = residualSpec({ algorithm, part, residuals, times, horizon, seasonLength });
    pictures.begin('residuals.png', spec);
  }
}

/** Begins the picture of a backtest and adds its forecasts as a table; nothing where no window was scored. */
export async function drawBacktest(pictures: Pictures, subject: BacktestPicture): Promise<void> {
  const spec = backtestSpec(subject);
  if (spec === null) return;
  pictures.begin('backtest.png', spec);
  pictures.add(await writeCsv('backtest.csv', backtestTable(subject.data, subject.fitted, subject.forecasts)));
}

export async function writeCsv(name: string, blocks: Iterable<readonly TableColumn[]>): Promise<WorkerArtifact> {
  const { contentTypeOf, writeTableBlocks } = await import('../common/tables/index.js');
  const form = { format: 'csv', orient: 'split' } as const;
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeTableBlocks(blocks, form)) chunks.push(chunk);
  // A copy of its own: a shared buffer cannot be moved to another thread.
  return { name, contentType: contentTypeOf(form), content: Uint8Array.from(Buffer.concat(chunks)) };
}

/** Begins the losses of an autoencoder; nothing where no epoch ended. */
export function drawAutoencoder(pictures: Pictures, { epochs, bestEpoch, loss }: AutoencoderReport): void {
  if (epochs.length === 0) return;
  const spec = lossSpec({
    algorithm: 'Autoencoder',
    epochs,
    bestEpoch,
    measure: loss === 'mse' ? 'mean squared error' : 'mean absolute error',
    validationName: 'held-out tail of the train part',
  });
  pictures.begin('autoencoder-loss.png', spec);
}

function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalJson(value));
}
