import type { PartDirections } from '../evaluation/direction-report.js';
import { countText, errorText, pValueText, skillText } from '../evaluation/score-text.js';
import type { Direction } from '../windows/direction-labels.js';

/** Of Okabe and Ito, as the others; down and up differ in lightness, too. */
export const DIRECTION_COLOURS: Readonly<Record<Direction, string>> = {
  down: '#d55e00',
  flat: '#d3d7dd',
  up: '#0072b2',
};

/** What a picture of directions is called: the skill, or that there is none. */
export function directionTitle(algorithm: string, what: string, part: PartDirections): string {
  return `${algorithm}: ${what}${part.hasSkill ? '' : ' of a model without skill'}`;
}

/** The scores in one line. */
export function directionScores({ part, windows, model, trainShares, skill, significance }: PartDirections): string {
  const area = model.macroAuc === null ? '' : `, AUC ${model.macroAuc.toFixed(2)}`;
  return (
    `${part === 'test' ? 'Test' : 'Validation'} part, ${countText(windows)} windows: log loss ${errorText(model.logLoss)} against ` +
    `${errorText(trainShares.logLoss)} of the train shares, skill ${skillText(skill)}${pValueText(significance)}${area}`
  );
}
