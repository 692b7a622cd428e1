import type { BacktestReport } from '../ml/evaluation/backtest/backtest-report.js';
import type { PartEvaluation } from '../ml/evaluation/evaluation-report.js';
import { countText, errorText, pValueText, skillText } from '../ml/evaluation/score-text.js';
import type { LogLine } from './training-log.js';

/** A window among all of them. */
export interface WindowPlace {
  /** From 0. */
  readonly at: number;
  readonly windows: number;
  /** Of the cut-off, milliseconds UTC. */
  readonly time: number;
}

/** What the refits will cost, from what the main training did; a warning when the budget is not likely to do. */
export function describeBacktestCost(
  windows: number,
  mainFitMs: number,
  budgetLeftMs: number | null,
  elapsedMsBefore: number,
): LogLine[] {
  const costMs = windows * mainFitMs;
  const isTooLong = budgetLeftMs !== null && costMs > budgetLeftMs;
  const left = budgetLeftMs === null ? '' : `, ${seconds(budgetLeftMs)} of the runtime are left`;
  const resumed: LogLine[] =
    elapsedMsBefore === 0
      ? []
      : [
          {
            level: 'info',
            message: 'The execution was interrupted: the backtest starts over from its first window, none was kept',
          },
        ];
  return [
    ...resumed,
    {
      level: isTooLong ? 'warn' : 'info',
      message: `Backtest: ${windows} refits, one after the other, about ${seconds(costMs)} (the main fit took ${seconds(mainFitMs)})${left}${isTooLong ? ': windows that it does not hold are left out' : ''}`,
    },
  ];
}

export function describeWindow(
  { at, windows, time }: WindowPlace,
  { trainRows, validationRows }: { readonly trainRows: number; readonly validationRows: number },
  evaluation: PartEvaluation | null,
): LogLine {
  const head = `Backtest window ${at + 1} of ${windows}, cut-off ${iso(time)}`;
  if (evaluation === null) {
    return { level: 'warn', message: `${head}: not scored, none of the rows it forecasts was observed` };
  }
  const { model, naive, seasonalNaive } = evaluation;
  return {
    level: 'info',
    message: `${head}, ${countText(trainRows)} train and ${countText(validationRows)} validation rows: MAE ${errorText(model.original.mae)}, naive ${errorText(naive.original.mae)}, seasonal naive ${errorText(seasonalNaive.original.mae)}`,
  };
}

export function describeSkippedWindow({ at, windows, time }: WindowPlace, message: string): LogLine {
  return {
    level: 'warn',
    message: `Backtest window ${at + 1} of ${windows}, cut-off ${iso(time)}: left out, ${message}`,
  };
}

export function describeBacktest({ refit, step, windows, skipped, overall }: BacktestReport): LogLine[] {
  const how = refit ? 'a refit at each' : 'the model as it is';
  if (overall === null) {
    const why = skipped[0]?.message ?? '';
    return [{ level: 'warn', message: `Backtest: none of ${skipped.length} cut-offs was scored (${why})` }];
  }
  const { spread, skill, significance, hasSkill } = overall;
  const deviation = spread.mae.standardDeviation;
  const mae = `MAE ${errorText(spread.mae.mean)}${deviation === null ? '' : ` ± ${errorText(deviation)}`} over the windows`;
  const against = `skill ${skillText(skill.naive.mae)} against naive${pValueText(significance.naive)}, ${skillText(skill.seasonalNaive.mae)} against seasonal naive${pValueText(significance.seasonalNaive)}`;
  const left = skipped.length === 0 ? '' : `; ${skipped.length} left out`;
  return [
    {
      level: hasSkill ? 'info' : 'warn',
      message: `Backtest, ${windows.length} cut-offs ${step} rows apart, ${how}${left}: ${mae}; ${against}${hasSkill ? '' : ': no skill, or the difference may be chance'}`,
    },
  ];
}

function seconds(ms: number): string {
  return ms < 100 ? `${Math.max(1, Math.round(ms))} ms` : `${errorText(ms / 1000)} s`;
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
