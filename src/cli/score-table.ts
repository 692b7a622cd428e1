import type { BacktestReport } from '../ml/evaluation/backtest/backtest-report.js';
import type { ComparedForecasts, EvaluationReport, PartEvaluation } from '../ml/evaluation/evaluation-report.js';

const HEADER = ['part', 'asset', 'forecast', 'MAE', 'RMSE', 'sMAPE %', 'MASE', 'skill MAE', 'skill RMSE'];
const LABEL_COLUMNS = 3;
/** Baselines stand in their own rows, so the model's row states its skill against the better of the two. */
const ROWS = [
  ['model', 'model'],
  ['naive', 'naive'],
  ['seasonal naive', 'seasonalNaive'],
] as const;

/** The scores of a report as text: by part and asset, the model beside both baselines, original units. */
export function scoreTable(report: EvaluationReport): string {
  const parts = [report.validation, report.test].filter((part) => part !== null);
  if (parts.length === 0) return 'no part has a scored window';
  const cells = [HEADER, ...parts.flatMap((part) => partRows(part))];
  const widths = HEADER.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => (column < LABEL_COLUMNS ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '─'.repeat(width)).join('──');
  const notes = [...parts.map(verdict), ...(report.backtest === undefined ? [] : [backtestVerdict(report.backtest)])];
  const about = `Original units; horizon ${report.horizon}, season ${report.seasonLength} rows. Skill = 1 − error / error of the baseline; the model's row is against the better baseline.`;
  return [lines[0], rule, ...lines.slice(1), rule, about, ...notes].join('\n');
}

function partRows(part: PartEvaluation): string[][] {
  return part.perAsset.flatMap((compared) =>
    ROWS.map(([label, forecast]) => {
      const { mae, rmse, smape, mase } = compared[forecast].original;
      const first = forecast === 'model';
      return [
        first ? part.part : '',
        first ? compared.asset : '',
        label,
        figure(mae),
        figure(rmse),
        smape.toFixed(1),
        mase === null ? '–' : mase.toFixed(3),
        first ? share(worst(compared, 'mae')) : '',
        first ? share(worst(compared, 'rmse')) : '',
      ];
    }),
  );
}

/** Skill against the baseline that is harder to beat; null when neither has an error to compare with. */
function worst({ skill }: ComparedForecasts, error: 'mae' | 'rmse'): number | null {
  const known = [skill.naive[error], skill.seasonalNaive[error]].filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function verdict({ part, windows, hasSkill, unscoredAssets }: PartEvaluation): string {
  const judgement = hasSkill
    ? 'the model beats both baselines'
    : 'NO SKILL: a baseline is as good or better, or the difference may be chance';
  const unscored = unscoredAssets.length === 0 ? '' : `; not observed: ${unscoredAssets.join(', ')}`;
  return `${part}: ${windows} windows; ${judgement}${unscored}`;
}

function backtestVerdict({ refit, windows, skipped, overall }: BacktestReport): string {
  const of = `backtest: ${windows.length} of ${windows.length + skipped.length} cut-offs, ${refit ? 'fitted anew at each' : 'fitted once'}`;
  if (overall === null) return `${of}; none was scored`;
  const { mean, standardDeviation } = overall.spread.mae;
  const deviation = standardDeviation === null ? '' : ` ± ${figure(standardDeviation)}`;
  return `${of}; MAE ${figure(mean)}${deviation}, skill ${share(worst(overall, 'mae'))} against the better baseline${overall.hasSkill ? '' : ': NO SKILL, or the difference may be chance'}`;
}

/** Four significant digits without an exponent for everyday magnitudes. */
function figure(value: number): string {
  return value !== 0 && (Math.abs(value) >= 1e6 || Math.abs(value) < 1e-3)
    ? value.toExponential(3)
    : value.toPrecision(4).replace(/e\+\d+$/, '');
}

function share(value: number | null): string {
  return value === null ? '–' : `${(value * 100).toFixed(1)} %`;
}
