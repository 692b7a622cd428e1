import type { Algorithm, ModelState, TrainingSummary } from '../algorithms/algorithm.js';
import type { ModelReport } from '../evaluation/direction-report.js';
import type { PartEvaluation } from '../evaluation/evaluation-report.js';
import { backtestLines } from './backtest-card.js';
import type { ForecastIntervals } from '../evaluation/forecast-intervals.js';
import { directionBacktestLines, directionLines } from './direction-card.js';
import { escaped } from './markdown-text.js';
import { memberLines } from './ensemble-card.js';
import { countText, errorText, pValueText, skillText } from '../evaluation/score-text.js';
import type { FittedProcessing } from '../processing/processing-plan.js';
import type { WindowedData } from '../windows/windowed-data.js';
import { canonicalJson } from './canonical-json.js';

/** Where a training came from; what an installation knows of it. */
export interface TrainingLineage {
  readonly template: { readonly id: string; readonly name: string; readonly version: number };
  readonly dataset: { readonly id: string; readonly name: string; readonly version: number; readonly sha256: string };
  /** The model whose weights the training began with. */
  readonly warmStart?: {
    readonly executionId: string;
    readonly model: { readonly name: string; readonly version: number } | null;
    readonly modelSha256: string;
  };
  /** The file of an imported model. */
  readonly modelFile?: { readonly sha256: string; readonly name: string; readonly uploadedBy: string };
}

export interface ModelCardSubject {
  readonly algorithm: Pick<Algorithm, 'title' | 'description' | 'usesFeatures' | 'usesKnownFuture'>;
  readonly model: ModelState;
  readonly modelSha256: string;
  readonly summary: TrainingSummary;
  readonly fitted: FittedProcessing;
  readonly data: WindowedData;
  readonly report: ModelReport;
  readonly intervals: ForecastIntervals | null;
  readonly seed: number;
  /** Absent in trainings that no template started. */
  readonly lineage?: TrainingLineage;
  /** Files beside the card. */
  readonly files: readonly string[];
  /** Why none of them is model.onnx; null where one is. */
  readonly noOnnx: string | null;
}

/**
 * What a model is, in markdown for people: what it was trained on and how, what it scores beside forecasts that cost
 * nothing, and what it has not seen. It holds no time and no id of the run, so equal trainings give equal cards. Names
 * that users chose are escaped: an asset cannot write into the card.
 */
export function modelCard(subject: ModelCardSubject): string {
  const { algorithm, model, report } = subject;
  const sections = [
    [`# ${escaped(algorithm.title)}: ${nameList(model.targets)}`, '', algorithm.description, '', verdict(report)],
    ['## Data', '', ...dataLines(subject)],
    ['## Training', '', ...trainingLines(subject)],
    ...(report.task === 'direction' || report.members === undefined
      ? []
      : [['## Members', '', ...memberLines(report.members)]]),
    ...(report.task === 'direction'
      ? [
          ['## Scores', '', ...[report.validation, report.test].flatMap(directionLines)],
          ...(report.backtest === undefined ? [] : [['## Backtest', '', ...directionBacktestLines(report.backtest)]]),
        ]
      : [
          ['## Scores', '', ...[report.validation, report.test].flatMap(scoreLines)],
          ...(report.backtest === undefined ? [] : [['## Backtest', '', ...backtestLines(report.backtest)]]),
          ['## Intervals', '', ...intervalLines(subject)],
        ]),
    ['## Limits', '', ...limitLines(subject)],
    [
      '## Files',
      '',
      `- ${[...subject.files].sort().map(escaped).join(', ')}`,
      ...(subject.noOnnx === null ? [] : [`- No model.onnx: ${subject.noOnnx}`]),
      `- SHA-256 of model.json: ${subject.modelSha256}`,
    ],
  ];
  return `${sections.map((lines) => lines.join('\n').trimEnd()).join('\n\n')}\n`;
}

const SHOWN_NAMES = 8;

function nameList(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_NAMES).map(escaped).join(', ');
  return names.length <= SHOWN_NAMES ? shown : `${shown} and ${names.length - SHOWN_NAMES} more`;
}

/** Said wherever scores are: they prove less. */
const ELSEWHERE =
  '**Trained elsewhere**: what it has learned from is unknown to this service, and the rows that score it may be among it.';

function verdict(report: ModelReport): string {
  const said = scoreVerdict(report);
  return report.task !== 'direction' && report.trainedElsewhere ? `${said}\n\n${ELSEWHERE}` : said;
}

function scoreVerdict({ task, test, validation }: ModelReport): string {
  const part = test ?? validation;
  if (part === null)
    return '**Not scored**: neither the validation nor the test part has a window with observed values.';
  if (task === 'direction') {
    return part.hasSkill
      ? `It has skill: on the ${part.part} part its probabilities of down, flat and up are better than the shares of the train part.`
      : `**It has no skill**: on the ${part.part} part the shares of the train part tell as much, or the difference may be chance.`;
  }
  return part.hasSkill
    ? `It has skill: on the ${part.part} part it errs less than the naive and the seasonal naive forecast.`
    : `**It has no skill**: on the ${part.part} part a baseline forecasts as well, or the difference may be chance.`;
}

const iso = (timeMs: number): string => new Date(timeMs).toISOString();

function dataLines({ lineage, data, fitted }: ModelCardSubject): string[] {
  const rows = data.times.length;
  const { train, validation, test } = data.origins;
  const lines: string[] = [];
  if (lineage !== undefined) {
    const { dataset, template } = lineage;
    lines.push(
      `- Dataset ${escaped(dataset.name)} (${escaped(dataset.id)}), version ${dataset.version}, content SHA-256 ${dataset.sha256}`,
      `- Template ${escaped(template.name)} (${escaped(template.id)}), version ${template.version}`,
    );
  }
  lines.push(
    `- ${data.directions ? 'Directions (down, flat, up)' : 'Forecast'}: ${nameList(data.targets.names)}`,
    `- Read: ${countText(data.inputs.names.length)} columns of ${countText(fitted.plan.assets.length)} assets: ${nameList(data.inputs.names)}`,
  );
  if (data.future !== undefined) lines.push(`- Known in advance: ${nameList(data.future.names)}`);
  if (rows > 0) {
    lines.push(`- Rows: ${countText(rows)}, from ${iso(data.times[0]!)} to ${iso(data.times[rows - 1]!)}`);
  }
  lines.push(
    `- Windows of ${data.lookBack} rows that forecast ${data.horizon}: ${countText(train.length)} train, ${countText(validation.length)} validation, ${countText(test.length)} test`,
  );
  return lines;
}

function fileLines({ lineage, model }: ModelCardSubject): string[] {
  if (model.algorithm !== 'imported') return [];
  const file = lineage?.modelFile;
  const named =
    file === undefined
      ? ''
      : ` from ${escaped(file.name)}, uploaded by ${escaped(file.uploadedBy)}, SHA-256 of the file ${file.sha256}`;
  return [`- Imported${named}: not trained here, and changed in nothing`];
}

function originLines({ lineage, summary }: ModelCardSubject): string[] {
  const origin = lineage?.warmStart;
  const loss =
    summary.originLoss === undefined ? '' : `; its loss on these data before training ${errorText(summary.originLoss)}`;
  if (origin === undefined) return loss === '' ? [] : [`- Warm start from a trained model${loss}`];
  const { executionId, model, modelSha256 } = origin;
  const named = model === null ? '' : `${escaped(model.name)} version ${model.version}, `;
  return [
    `- Warm start from ${named}execution ${escaped(executionId)}, SHA-256 ${modelSha256}${loss}; scaling as fitted for that model`,
  ];
}

function trainingLines(subject: ModelCardSubject): string[] {
  const { model, summary, seed } = subject;
  const { iterations, bestEpoch, loss, validationLoss, stopReason, engine } = summary;
  const epochs = bestEpoch === null ? '' : `; weights of epoch ${bestEpoch} of ${iterations}`;
  const validation = validationLoss === null ? '' : `, validation ${errorText(validationLoss)}`;
  const parameters = Object.entries(model.hyperparameters)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(
      ([name, value]) => `| ${escaped(name)} | ${escaped(typeof value === 'string' ? value : canonicalJson(value))} |`,
    );
  return [
    `- Algorithm ${model.algorithm}, engine ${engine}, seed ${seed}`,
    `- Loss ${errorText(loss)}${validation} (${summary.lossName === 'log' ? 'log loss' : 'scaled units'})${epochs}; ended: ${stopReason}`,
    ...originLines(subject),
    ...fileLines(subject),
    ...(parameters.length === 0 ? ['- No parameters'] : ['', '| parameter | used |', '| --- | --- |', ...parameters]),
  ];
}

function scoreLines(part: PartEvaluation | null): string[] {
  if (part === null) return [];
  const { model, naive, seasonalNaive, skill, significance } = part;
  const row = (name: string, { scaled, original }: typeof model, against: string): string =>
    `| ${name} | ${errorText(scaled.mae)} | ${errorText(scaled.rmse)} | ${errorText(original.mae)} | ${against} |`;
  const gained = (of: 'naive' | 'seasonalNaive'): string =>
    `${skillText(skill[of].mae)}${pValueText(significance[of])}`;
  const assets = part.perAsset.map(
    ({ asset, model: own, skill: ofAsset }) =>
      `| ${escaped(asset)} | ${errorText(own.original.mae)} | ${skillText(ofAsset.naive.mae)} | ${skillText(ofAsset.seasonalNaive.mae)} |`,
  );
  const title = part.part === 'test' ? 'Test' : 'Validation';
  return [
    `### ${title}: ${countText(part.windows)} windows, ${part.from} to ${part.to}`,
    '',
    '| forecast | MAE, scaled | RMSE, scaled | MAE, original units | skill of the model on MAE |',
    '| --- | --- | --- | --- | --- |',
    row('model', model, ''),
    row('naive', naive, gained('naive')),
    row('seasonal naive', seasonalNaive, gained('seasonalNaive')),
    '',
    '| asset | MAE, original units | skill against naive | against seasonal naive |',
    '| --- | --- | --- | --- |',
    ...assets,
    '',
  ];
}

function intervalLines({ intervals, report }: ModelCardSubject): string[] {
  if (intervals === null) return ['- None'];
  const how =
    intervals.method === 'quantiles'
      ? 'Quantiles of the model itself'
      : 'Split conformal, calibrated on the validation part';
  const scores = (report.task === 'direction' ? null : report.test)?.intervals?.overall ?? [];
  if (scores.length === 0) return [`- ${how}; not scored, there is no test part`];
  return [
    `- ${how}`,
    '',
    '| promised | held on the test part | mean width in train deviations |',
    '| --- | --- | --- |',
    ...scores.map(
      ({ coverage, covered, meanWidth }) =>
        `| ${percentText(coverage)} | ${percentText(covered)} | ${errorText(meanWidth)} |`,
    ),
  ];
}

const percentText = (share: number): string => `${Number((100 * share).toFixed(1))} %`;

function limitLines({ algorithm, model, fitted, data, report }: ModelCardSubject): string[] {
  const { plan } = fitted;
  const isElsewhere = report.task !== 'direction' && report.trainedElsewhere === true;
  const seen = isElsewhere
    ? '; up to when it has seen these or other data, nobody here knows.'
    : `, and has seen nothing after ${lastSeen(data)}: what is new since then, it does not know.`;
  const lines = [
    `- It ${data.directions ? 'tells the directions of the next' : 'forecasts'} ${model.horizon} rows ${data.directions ? '' : 'ahead '}from ${model.lookBack} complete rows, only the targets above${seen}`,
  ];
  const ranges = isElsewhere ? [] : trainRanges(data);
  if (ranges.length > 0) {
    lines.push(`- In the train rows it has seen these values; beyond them it extrapolates: ${ranges.join('; ')}.`);
  }
  const masked = data.targets.names.flatMap((name, k) => {
    const column = (data.targets.original ?? data.targets.columns)[k]!;
    const missing = column.reduce((sum, value) => sum + (Number.isNaN(value) ? 1 : 0), 0);
    return missing === 0 ? [] : [`${escaped(name)} ${countText(missing)} rows`];
  });
  lines.push(
    masked.length === 0
      ? '- The targets had no missing rows that were masked.'
      : `- Missing and masked, before a series begins or in gaps of more than ${fitted.smallGapRows} rows, neither learned nor scored: ${masked.slice(0, SHOWN_NAMES).join(', ')}.`,
  );
  if (!algorithm.usesFeatures && plan.features.length > 0) {
    const steps = [...new Set(plan.features.map(({ step }) => step))];
    lines.push(
      `- It reads the targets' own series only; the template's feature steps do not change it: ${nameList(steps)}.`,
    );
  }
  if (algorithm.usesKnownFuture !== true && plan.knownFuture !== undefined) {
    lines.push(
      '- It reads nothing of the rows it forecasts, although the template declares covariates known in advance.',
    );
  }
  const unscored = (report.test ?? report.validation)?.unscoredAssets ?? [];
  if (unscored.length > 0) lines.push(`- Not observed in the scored part, so not scored: ${nameList(unscored)}.`);
  if (report.test === null)
    lines.push('- There is no test part: the scores are those of the part that choices were made on.');
  return lines;
}

/** The last row that weights or choices could depend on. */
function lastSeen({ times, horizon, origins: { train, validation } }: WindowedData): string {
  const last = Math.max(train.at(-1) ?? 0, validation.at(-1) ?? 0) + horizon;
  return iso(times[Math.min(last, times.length - 1)] ?? 0);
}

/** Smallest and largest value of each target up to the last row of a train window, original units. */
function trainRanges({ targets, origins, horizon }: WindowedData): string[] {
  const last = origins.train.at(-1);
  if (last === undefined || targets.original === undefined) return [];
  return targets.original.slice(0, SHOWN_NAMES).map((column, k) => {
    const seen = column.subarray(0, last + horizon + 1).filter((value) => !Number.isNaN(value));
    const low = seen.reduce((a, b) => Math.min(a, b), Infinity);
    const high = seen.reduce((a, b) => Math.max(a, b), -Infinity);
    return `${escaped(targets.names[k]!)} ${errorText(low)} to ${errorText(high)}`;
  });
}
