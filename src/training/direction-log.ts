import type { DirectionReport, PartDirections } from '../ml/evaluation/direction-report.js';
import { errorText, pValueText, skillText } from '../ml/evaluation/score-text.js';
import type { LogLine } from './training-log.js';

/** The scores of probabilities beside the shares of the train part, and plainly when there is no skill. */
export function describeDirections(report: DirectionReport): LogLine[] {
  return [report.validation, report.test].flatMap((part) => (part === null ? [] : describePart(part)));
}

function describePart({ part, windows, model, trainShares, skill, significance, hasSkill }: PartDirections): LogLine[] {
  const title = part === 'test' ? 'Test' : 'Validation';
  const area = model.macroAuc === null ? '' : `, AUC ${model.macroAuc.toFixed(3)}`;
  const scores =
    `log loss ${errorText(model.logLoss)} against ${errorText(trainShares.logLoss)} of the train shares, accuracy ` +
    `${percent(model.accuracy)} against ${percent(trainShares.accuracy)}${area}, F1 ${model.macroF1.toFixed(3)}, ` +
    `calibration error ${percent(model.calibrationError)}`;
  const gained = `${skillText(skill)}${pValueText(significance)}`;
  return [
    { level: 'info', message: `${title}: directions over ${windows} windows: ${scores}` },
    hasSkill
      ? { level: 'info', message: `${title}: skill ${gained}` }
      : {
          level: 'warn',
          message: `${title}: the model has no skill: ${gained} on the log loss. The shares of the train part tell as much, or the difference may be chance`,
        },
  ];
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
