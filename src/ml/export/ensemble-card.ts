import type { MemberEvaluation } from '../evaluation/member-evaluation.js';
import { errorText } from '../evaluation/score-text.js';
import { escaped } from './markdown-text.js';

/** What an ensemble combines: weights, and the scores of each member alone over the same windows. */
export function memberLines(members: readonly MemberEvaluation[]): string[] {
  const error = (scores: MemberEvaluation['test']): string => (scores === null ? '' : errorText(scores.scaled.mae));
  return [
    '- Forecasts are combined in original units; scores are those of each member alone, over the windows of the ensemble',
    '',
    '| member | algorithm | weight | validation MAE, scaled | test MAE, scaled | execution | SHA-256 of its model.json |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...members.map(
      ({ name, algorithm, weight, validation, test, origin }) =>
        `| ${escaped(name)} | ${escaped(algorithm)} | ${errorText(weight)} | ${error(validation)} | ${error(test)} | ${escaped(origin.executionId)} | ${origin.modelSha256} |`,
    ),
  ];
}
