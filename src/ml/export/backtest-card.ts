import type { BacktestReport } from '../evaluation/backtest/backtest-report.js';
import { countText, errorText, pValueText, skillText } from '../evaluation/score-text.js';

/** The section of a model card about a backtest. */
export function backtestLines(report: BacktestReport): string[] {
  const { step, windows, skipped, overall } = report;
  const how = howFitted(report);
  const reasons = skipped.map(({ cutoff, code }) => `| ${cutoff} | not scored: ${code} | | | |`);
  const lines = [`- ${how}; cut-offs ${countText(step)} rows apart, ${windows.length} scored, ${skipped.length} not`];
  if (overall !== null) {
    const { spread, skill, significance, intervals } = overall;
    const deviation = spread.mae.standardDeviation;
    lines.push(
      `- MAE ${errorText(spread.mae.mean)}${deviation === null ? '' : ` ± ${errorText(deviation)}`} over the windows, original units`,
      `- Skill on MAE: ${skillText(skill.naive.mae)} against naive${pValueText(significance.naive)}, ${skillText(skill.seasonalNaive.mae)} against seasonal naive${pValueText(significance.seasonalNaive)}${overall.hasSkill ? '' : ': no skill, or the difference may be chance'}`,
    );
    const held = (intervals?.overall ?? []).map(
      ({ coverage, covered, count }) =>
        `${(100 * covered).toFixed(1)} % of ${countText(count)} values in those of ${(100 * coverage).toFixed(0)} %`,
    );
    if (held.length > 0) lines.push(`- Intervals hold ${held.join(', ')}`);
  }
  return [
    ...lines,
    '',
    '| cut-off | train rows | MAE | naive | seasonal naive |',
    '| --- | --- | --- | --- | --- |',
    ...windows.map(
      ({ cutoff, trainRows, model, naive, seasonalNaive }) =>
        `| ${cutoff} | ${countText(trainRows)} | ${[model, naive, seasonalNaive].map(({ original }) => errorText(original.mae)).join(' | ')} |`,
    ),
    ...reasons,
  ];
}

export function howFitted({ refit, rollingRows }: Pick<BacktestReport, 'refit' | 'rollingRows'>): string {
  const rows = rollingRows === null ? 'all rows' : `the ${countText(rollingRows)} rows`;
  return refit
    ? `Fitted anew at each cut-off, on ${rows} up to it: how good models of this kind are, not this one alone`
    : 'This model at each cut-off';
}
