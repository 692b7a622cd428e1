import type { ComparedDirections } from '../evaluation/compared-directions.js';
import type { PartDirections } from '../evaluation/direction-report.js';
import type { DirectionBacktestReport } from '../evaluation/backtest/direction-backtest.js';
import { howFitted } from './backtest-card.js';
import { countText, errorText, pValueText, skillText } from '../evaluation/score-text.js';
import { DIRECTIONS } from '../windows/direction-labels.js';
import { escaped } from './markdown-text.js';

/** The scores of one part of a model of the task direction, for its card. */
export function directionLines(part: PartDirections | null): string[] {
  if (part === null) return [];
  const row = (name: string, of: ComparedDirections['model'], against: string): string =>
    `| ${name} | ${errorText(of.logLoss)} | ${percent(of.accuracy)} | ${errorText(of.macroF1)} | ${of.macroAuc === null ? '–' : errorText(of.macroAuc)} | ${errorText(of.brier)} | ${percent(of.calibrationError)} | ${against} |`;
  return [
    `### ${part.part === 'test' ? 'Test' : 'Validation'}: ${countText(part.windows)} windows, ${countText(part.count)} changes, ${part.from} to ${part.to}`,
    '',
    '| probabilities | log loss | accuracy | macro F1 | macro AUC | Brier | calibration error | skill on the log loss |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    row('model', part.model, `${skillText(part.skill)}${pValueText(part.significance)}`),
    row('shares of the train part', part.trainShares, ''),
    '',
    ...confusionLines(part.model),
    '',
    '| asset | log loss | accuracy | skill | flat within, first and last step |',
    '| --- | --- | --- | --- | --- |',
    ...part.perAsset.map(
      ({ asset, model, skill, flatWithin }) =>
        `| ${escaped(asset)} | ${errorText(model.logLoss)} | ${percent(model.accuracy)} | ${skillText(skill)} | ${errorText(flatWithin[0]!)}, ${errorText(flatWithin[flatWithin.length - 1]!)} |`,
    ),
    '',
  ];
}

/** The section of a model card about a backtest. */
export function directionBacktestLines(report: DirectionBacktestReport): string[] {
  const { step, windows, skipped, overall } = report;
  const how = howFitted(report);
  const lines = [`- ${how}; cut-offs ${countText(step)} rows apart, ${windows.length} scored, ${skipped.length} not`];
  if (overall !== null) {
    const { model, trainShares, skill, significance, hasSkill } = overall;
    lines.push(
      `- Log loss ${errorText(model.logLoss)}, shares of the train part ${errorText(trainShares.logLoss)}; skill ${skillText(skill)}${pValueText(significance)}${hasSkill ? '' : ': no skill, or the difference may be chance'}`,
      `- Accuracy ${percent(model.accuracy)}, macro F1 ${errorText(model.macroF1)}, macro AUC ${model.macroAuc === null ? '–' : errorText(model.macroAuc)}, Brier ${errorText(model.brier)}, calibration error ${percent(model.calibrationError)}`,
      '',
      ...confusionLines(model),
    );
  }
  return [
    ...lines,
    '',
    `| cut-off | train rows | log loss | shares of the train part | accuracy |`,
    '| --- | --- | --- | --- | --- |',
    ...windows.map(
      ({ cutoff, trainRows, model, trainShares }) =>
        `| ${cutoff} | ${countText(trainRows)} | ${errorText(model.logLoss)} | ${errorText(trainShares.logLoss)} | ${percent(model.accuracy)} |`,
    ),
    ...skipped.map(({ cutoff, code }) => `| ${cutoff} | not scored: ${code} | | | |`),
  ];
}

function confusionLines({ confusion }: ComparedDirections['model']): string[] {
  return [
    '| came \\ likeliest | down | flat | up |',
    '| --- | --- | --- | --- |',
    ...DIRECTIONS.map((direction, at) => `| ${direction} | ${confusion[at]!.map(countText).join(' | ')} |`),
  ];
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
