import type { ComparedForecasts, EvaluationReport, PartEvaluation } from '../ml/evaluation/evaluation-report.js';
import { countText, errorText, skillText } from '../ml/evaluation/score-text.js';

const GROUPS = ['', 'MAE', 'RMSE', 'skill on MAE against'];
const COLUMNS = [['asset'], ['model', 'naive', 'seasonal'], ['model', 'naive', 'seasonal'], ['naive', 'seasonal']];
const COLUMN_GAP = '  ';
const GROUP_GAP = '    ';

/** The cells of one line, in the groups of `COLUMNS`. */
type Line = readonly (readonly string[])[];

/**
 * The scores of a model beside naive and seasonal naive, as text with aligned columns: a table per part, a row per
 * asset in the units of the data, and for several assets a last row over all of them in scaled units.
 */
export function scoreTable(report: EvaluationReport): string {
  const parts = [report.validation, report.test].filter((part) => part !== null);
  if (parts.length === 0)
    return 'Nothing was scored: neither the validation nor the test part has an observed window.\n';
  return parts.map((part) => partTable(part, report)).join('\n');
}

function partTable(part: PartEvaluation, { horizon, seasonLength }: EvaluationReport): string {
  const rows = part.perAsset.map((scores) => scoreLine(scores.asset, scores, 'original'));
  if (part.perAsset.length > 1) rows.push(scoreLine('all (scaled units)', part, 'scaled'));
  return [
    `${part.part === 'test' ? 'Test' : 'Validation'} part: ${countText(part.windows)} windows, horizon ${horizon}, ` +
      `season ${seasonLength} rows, ${minute(part.from)} to ${minute(part.to)} UTC`,
    ...aligned(rows),
    part.hasSkill
      ? 'The model has skill: it beats both baselines.'
      : 'The model has no skill: it does not beat both baselines.',
    ...(part.unscoredAssets.length === 0 ? [] : [`Not observed in this part: ${part.unscoredAssets.join(', ')}.`]),
    '',
  ].join('\n');
}

function scoreLine(name: string, scores: ComparedForecasts, unit: 'original' | 'scaled'): Line {
  const forecasts = [scores.model[unit], scores.naive[unit], scores.seasonalNaive[unit]];
  return [
    [name],
    forecasts.map(({ mae }) => errorText(mae)),
    forecasts.map(({ rmse }) => errorText(rmse)),
    [skillText(scores.skill.naive.mae), skillText(scores.skill.seasonalNaive.mae)],
  ];
}

function aligned(rows: readonly Line[]): string[] {
  const lines = [COLUMNS, ...rows];
  const widths = COLUMNS.map((names, group) =>
    names.map((_, column) => Math.max(...lines.map((line) => line[group]![column]!.length))),
  );
  const groupWidths = widths.map((columns, group) => {
    const cells = columns.reduce((sum, width) => sum + width, COLUMN_GAP.length * (columns.length - 1));
    return Math.max(cells, GROUPS[group]!.length);
  });
  const cell = (text: string, group: number, column: number): string => {
    const width = widths[group]![column]!;
    return group === 0 ? text.padEnd(width) : text.padStart(width);
  };
  return [
    GROUPS.map((name, group) => name.padStart(groupWidths[group]!)).join(GROUP_GAP),
    ...lines.map((line) =>
      line
        .map((cells, group) => cells.map((text, column) => cell(text, group, column)).join(COLUMN_GAP))
        .map((text, group) => text.padStart(groupWidths[group]!))
        .join(GROUP_GAP),
    ),
  ];
}

function minute(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}
