import type { FitOutcome } from '../ml/algorithms/algorithm.js';
import type { DirectionEvaluation, EvaluationReport, PartEvaluation } from '../ml/evaluation/evaluation-report.js';
import { residualsNeeded } from '../ml/evaluation/conformal-calibration.js';
import { pValueText } from '../ml/evaluation/score-text.js';
import type { ForecastIntervals } from '../ml/evaluation/forecast-intervals.js';
import type { GapEvaluation, GapScores } from '../ml/gaps/gap-report.js';
import type { FittedProcessing } from '../ml/processing/processing-plan.js';
import type { WindowedData } from '../ml/windows/windowed-data.js';

/** Values outside more than this share beyond 1 − coverage are worth a warning. */
const MISSED_BY = 0.5;

/** What a training says in its log, for people: one sentence each, with the numbers in it. */
export interface LogLine {
  readonly level: 'info' | 'warn';
  readonly message: string;
}

export function describeWindows(fitted: FittedProcessing, data: WindowedData): LogLine[] {
  const { train, validation, test } = data.origins;
  const observed = data.targets.observed.map((column) => column.reduce((sum, value) => sum + value, 0));
  const rows = data.times.length;
  // Rows that a difference has no value for, having nothing before them, are not missing.
  const masked = (data.targets.original ?? data.targets.columns).map((column) =>
    column.reduce((sum, value) => sum + (Number.isNaN(value) ? 1 : 0), 0),
  );
  const gaps = data.targets.names
    .map((name, at) => ({ name, filled: rows - (observed[at] ?? 0) - (masked[at] ?? 0), masked: masked[at] ?? 0 }))
    .filter(({ filled, masked }) => filled > 0 || masked > 0)
    .map(({ name, filled, masked }) => `${name}: ${filled} filled, ${masked} masked`);
  return [
    info(
      `Windows of ${data.lookBack} rows that forecast ${data.horizon}: ${train.length} train, ${validation.length} validation, ${test.length} test; ${data.inputs.names.length} inputs, ${data.targets.names.length} targets`,
    ),
    info(
      gaps.length === 0
        ? 'No missing rows in the targets'
        : `Missing rows in the targets (gaps of up to ${fitted.smallGapRows} rows are filled, longer ones are masked and never scored): ${gaps.join('; ')}`,
    ),
    ...(data.future === undefined
      ? []
      : [info(`Known in advance, up to the last row of a forecast: ${data.future.names.join(', ')}`)]),
    info(`Season of the seasonal-naive baseline: ${data.seasonLength} rows`),
  ];
}

export function describeIgnoredFeatures(algorithm: string, steps: readonly string[]): LogLine {
  return {
    level: 'warn',
    message: `Algorithm ${algorithm} reads the targets' own series only: the feature steps ${[...new Set(steps)].join(', ')} of the template do not change its forecast. Choose another algorithm, or switch the features off`,
  };
}

export function describeIgnoredWeights(algorithm: string, halfLife: number): LogLine {
  return {
    level: 'warn',
    message: `Algorithm ${algorithm} learns nothing from windows: windows.halfLife=${halfLife} does not change its forecast. Choose another algorithm, or leave it out`,
  };
}

export function describeIgnoredKnownFuture(algorithm: string): LogLine {
  return {
    level: 'warn',
    message: `Algorithm ${algorithm} reads nothing of the rows it forecasts: features.knownFuture of the template does not change its forecast, beyond the inputs up to the origin. Choose another algorithm, such as ridge, or leave it out`,
  };
}

/** What the algorithm chose it logs itself; this is what all of them have. */
export function describeFit(outcome: FitOutcome): LogLine[] {
  const best = outcome.bestEpoch === null ? '' : `, best epoch ${outcome.bestEpoch} of ${outcome.iterations}`;
  const validation = outcome.validationLoss === null ? '' : `, validation ${short(outcome.validationLoss)}`;
  const lines = [
    info(
      `Trained with engine ${outcome.engine}: loss ${short(outcome.loss)}${validation} (${outcome.lossName === 'log' ? 'log loss' : `${outcome.lossName ?? 'mse'}, scaled units`})${best}`,
    ),
  ];
  if (outcome.originLoss !== undefined) {
    lines.push(
      info(
        `Warm start: the origin's ${outcome.validationLoss === null ? 'training' : 'validation'} loss on these data was ${short(outcome.originLoss)}`,
      ),
    );
  }
  if (outcome.stopReason === 'early-stopping') lines.push(info('Stopped early: the validation loss no longer fell'));
  if (outcome.stopReason === 'budget') {
    lines.push({
      level: 'warn',
      message: 'Stopped by the runtime budget; the best weights so far are kept and evaluated',
    });
  }
  return lines;
}

/** What a warm start takes over. */
export function describeWarmStart(
  fitted: FittedProcessing,
  origin: FittedProcessing,
  asksSelection: boolean,
): LogLine[] {
  const transforms = new Set(
    origin.targets.flatMap(({ transform, further = [] }) => [transform, ...further.map((one) => one.transform)]),
  );
  const lines = [
    info(
      `Warm start: the weights begin as the origin's, and so does what they read: its ${fitted.inputs.length} input columns and their scaling (targets: ${[...transforms].join(', ')}) are kept as fitted on its train part`,
    ),
  ];
  if (asksSelection) {
    lines.push(info('Warm start: features.selection is not made anew, the columns chosen for the origin are kept'));
  }
  return lines;
}

export function describeNoOnnx(algorithm: string, reason: string): LogLine {
  return info(`No model.onnx of ${algorithm}: ${reason}`);
}

/** The score beside both baselines, and plainly when there is no skill. */
export function describeScores(report: EvaluationReport): LogLine[] {
  return [report.validation, report.test].flatMap((part) => (part === null ? [] : describePart(part)));
}

function describePart(part: PartEvaluation): LogLine[] {
  const { model, naive, seasonalNaive, skill, significance } = part;
  const errors = `model ${short(model.scaled.mae)}, naive ${short(naive.scaled.mae)}, seasonal naive ${short(seasonalNaive.scaled.mae)}`;
  const lines = [info(`${title(part)}: MAE in scaled units over ${part.windows} windows: ${errors}`)];
  const against = `${percent(skill.naive.mae)} against naive${pValueText(significance.naive)}, ${percent(skill.seasonalNaive.mae)} against seasonal naive${pValueText(significance.seasonalNaive)}`;
  if (part.hasSkill) lines.push(info(`${title(part)}: skill ${against}`));
  else
    lines.push({
      level: 'warn',
      message: `${title(part)}: the model has no skill: ${against}. A baseline forecasts as well, or the difference may be chance`,
    });
  if (part.direction !== undefined) lines.push(describeDirection(title(part), part.direction));
  return lines;
}

/**
 * How many test values the intervals held, and which coverages the validation part was too small for. A coverage that is
 * missed by far is a warning: the data after the validation part is not as it was in it.
 */
export function describeIntervals(
  asked: readonly number[],
  intervals: ForecastIntervals | null,
  { test }: EvaluationReport,
): LogLine[] {
  if (asked.length === 0) return [];
  const lines: LogLine[] = [];
  if (intervals?.method !== 'quantiles') {
    for (const coverage of asked) {
      const without = intervals?.targets.filter(({ coverages }) => !coverages.includes(coverage));
      if (without?.length === 0) continue;
      const fewest = without && Math.min(...without.flatMap(({ residuals }) => residuals));
      lines.push({
        level: 'warn',
        message:
          `No intervals of ${percent(coverage)} for ${without?.map(({ asset }) => asset).join(', ') ?? 'any target'}: they need ` +
          `${residualsNeeded(coverage)} observed validation values at each step${fewest === undefined ? '' : `, there are ${fewest}`}; enlarge the validation part`,
      });
    }
  }
  const scores = test?.intervals?.overall ?? [];
  if (scores.length === 0) return lines;
  const held = scores.map(
    ({ coverage, covered, meanWidth }) =>
      `${percent(covered)} in those of ${percent(coverage)} (mean width ${short(meanWidth)} train deviations)`,
  );
  const isMissed = scores.some(({ coverage, covered }) => covered < coverage - MISSED_BY * (1 - coverage));
  const how = intervals?.method === 'quantiles' ? 'its own quantiles' : 'split conformal on the validation part';
  const message = `Test: intervals (${how}) hold ${held.join(', ')}`;
  lines.push(isMissed ? { level: 'warn', message: `${message}: less than promised` } : info(message));
  return lines;
}

/** What the gap classifier of each target is worth, beside the base rate; nothing where there was none to train. */
export function describeGapClassifier(
  trained: { readonly evaluations: readonly GapEvaluation[]; readonly untrained: readonly string[] } | null,
): LogLine[] {
  if (trained === null) return [];
  const scored = trained.evaluations.map((evaluation) => {
    const { asset, largeGaps, later, fromObserved, trainExamples } = evaluation;
    const gaps = `${largeGaps} large gap${largeGaps === 1 ? '' : 's'} in the train part`;
    if (later === null) {
      return info(
        `Gap classifier of ${asset}: trained on ${trainExamples} examples (${gaps}); no later rows to score it`,
      );
    }
    const observed = fromObserved === null ? '' : `; from observed rows only, ${gapScores(fromObserved)}`;
    return info(`Gap classifier of ${asset}: ${gapScores(later)} on ${later.rows} later rows${observed} (${gaps})`);
  });
  const untrained = trained.untrained.map((asset) =>
    info(`No gap classifier of ${asset}: its train part has a large gap, and too few gaps to learn from`),
  );
  return [...scored, ...untrained];
}

function gapScores({ auc, baseRate, brier, baseBrier }: GapScores): string {
  const ranks = auc === null ? 'AUC not defined' : `AUC ${auc.toFixed(2)}`;
  return `${ranks}, base rate ${Math.round(100 * baseRate)} %, Brier ${brier.toFixed(3)} against ${baseBrier.toFixed(3)} of the base rate`;
}

function describeDirection(title: string, direction: DirectionEvaluation | null): LogLine {
  if (direction === null) {
    return { level: 'warn', message: `${title}: no direction was scored, no change had both its ends observed` };
  }
  const { count, hitRate, majority, majorityRate } = direction;
  const message = `${title}: direction right in ${percent(hitRate)} of ${count} changes, always saying ${majority} is in ${percent(majorityRate)}`;
  if (hitRate > majorityRate) return info(message);
  return { level: 'warn', message: `${message}: the model has no skill in directions` };
}

function title(part: PartEvaluation): string {
  return part.part === 'test' ? 'Test' : 'Validation';
}

function info(message: string): LogLine {
  return { level: 'info', message };
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function percent(skill: number | null): string {
  return skill === null ? 'not defined' : `${(100 * skill).toFixed(1)} %`;
}
