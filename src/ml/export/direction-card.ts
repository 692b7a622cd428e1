import type { ComparedDirections, PartDirections } from '../evaluation/direction-report.js';
import { countText, errorText, pValueText, skillText } from '../evaluation/score-text.js';
import { DIRECTIONS } from '../windows/direction-labels.js';
import { escaped } from './markdown-text.js';

/** The scores of one part of a model of the task direction, for its card. */
export function directionLines(part: PartDirections | null): string[] {
  if (part === null) return [];
  const row = (name: string, of: ComparedDirections['model'], against: string): string =>
    `| ${name} | ${errorText(of.logLoss)} | ${percent(of.accuracy)} | ${errorText(of.macroF1)} | ${of.macroAuc === null ? '–' : errorText(of.macroAuc)} | ${errorText(of.brier)} | ${percent(of.calibrationError)} | ${against} |`;
  const { confusion } = part.model;
  return [
    `### ${part.part === 'test' ? 'Test' : 'Validation'}: ${countText(part.windows)} windows, ${countText(part.count)} changes, ${part.from} to ${part.to}`,
    '',
    '| probabilities | log loss | accuracy | macro F1 | macro AUC | Brier | calibration error | skill on the log loss |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    row('model', part.model, `${skillText(part.skill)}${pValueText(part.significance)}`),
    row('shares of the train part', part.trainShares, ''),
    '',
    '| came \\ likeliest | down | flat | up |',
    '| --- | --- | --- | --- |',
    ...DIRECTIONS.map((direction, at) => `| ${direction} | ${confusion[at]!.map(countText).join(' | ')} |`),
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

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
