import type { BacktestReport, SkippedWindow } from '../ml/evaluation/backtest/backtest-report.js';
import type { DirectionBacktestReport } from '../ml/evaluation/backtest/direction-backtest.js';
import type { ComparedDirections } from '../ml/evaluation/compared-directions.js';
import type { ComparedForecasts } from '../ml/evaluation/compared-forecasts.js';
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
  windows: { readonly all: number; readonly kept: number },
  mainFitMs: number,
  budgetLeftMs: number | null,
  elapsedMsBefore: number,
): LogLine[] {
  const { all, kept } = windows;
  const costMs = (all - kept) * mainFitMs;
  const isTooLong = budgetLeftMs !== null && costMs > budgetLeftMs;
  const left = budgetLeftMs === null ? '' : `, ${seconds(budgetLeftMs)} of the runtime are left`;
  const resumed: LogLine[] =
    elapsedMsBefore === 0
      ? []
      : [
          {
            level: 'info',
            message:
              kept === 0
                ? 'The execution was interrupted: the backtest begins with its first window, none was kept'
                : `The execution was interrupted: ${kept} of ${all} windows of the backtest were finished and are kept`,
          },
        ];
  return [
    ...resumed,
    {
      level: isTooLong ? 'warn' : 'info',
      message: `Backtest: ${all - kept} refits, one after the other, about ${seconds(costMs)} (the main fit took ${seconds(mainFitMs)})${left}${isTooLong ? ': windows that it does not hold are left out' : ''}`,
    },
  ];
}

export function describeWindow(
  { at, windows, time }: WindowPlace,
  { trainRows, validationRows }: { readonly trainRows: number; readonly validationRows: number },
  evaluation: ComparedForecasts | null,
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

export function describeDirectionWindow(
  { at, windows, time }: WindowPlace,
  { trainRows, validationRows }: { readonly trainRows: number; readonly validationRows: number },
  scored: ComparedDirections | null,
): LogLine {
  const head = `Backtest window ${at + 1} of ${windows}, cut-off ${iso(time)}`;
  if (scored === null) return { level: 'warn', message: `${head}: not scored, none of its changes was observed` };
  const { model, trainShares } = scored;
  return {
    level: 'info',
    message: `${head}, ${countText(trainRows)} train and ${countText(validationRows)} validation rows: log loss ${errorText(model.logLoss)} against ${errorText(trainShares.logLoss)} of the train shares, accuracy ${(100 * model.accuracy).toFixed(1)} %`,
  };
}

export function describeDirectionBacktest(report: DirectionBacktestReport): LogLine[] {
  const { refit, step, windows, skipped, overall } = report;
  if (overall === null) return noneScored(skipped);
  const { model, trainShares, skill, significance, hasSkill } = overall;
  const area = model.macroAuc === null ? '' : `, AUC ${model.macroAuc.toFixed(3)}`;
  const left = skipped.length === 0 ? '' : `; ${skipped.length} left out`;
  return [
    {
      level: hasSkill ? 'info' : 'warn',
      message: `Backtest, ${windows.length} cut-offs ${step} rows apart, ${howFitted(refit)}${left}: log loss ${errorText(model.logLoss)} against ${errorText(trainShares.logLoss)} of the train shares, accuracy ${(100 * model.accuracy).toFixed(1)} %${area}, F1 ${model.macroF1.toFixed(3)}, calibration error ${(100 * model.calibrationError).toFixed(1)} %; skill ${skillText(skill)}${pValueText(significance)}${hasSkill ? '' : ': no skill, or the difference may be chance'}`,
    },
  ];
}

const howFitted = (refit: boolean): string => (refit ? 'a refit at each' : 'the model as it is');

function noneScored(skipped: readonly SkippedWindow[]): LogLine[] {
  const why = skipped[0]?.message ?? '';
  return [{ level: 'warn', message: `Backtest: none of ${skipped.length} cut-offs was scored (${why})` }];
}

export function describeSkippedWindow({ at, windows, time }: WindowPlace, message: string): LogLine {
  return {
    level: 'warn',
    message: `Backtest window ${at + 1} of ${windows}, cut-off ${iso(time)}: left out, ${message}`,
  };
}

export function describeBacktest({ refit, step, windows, skipped, overall }: BacktestReport): LogLine[] {
  if (overall === null) return noneScored(skipped);
  const { spread, skill, significance, hasSkill, intervals } = overall;
  const deviation = spread.mae.standardDeviation;
  const mae = `MAE ${errorText(spread.mae.mean)}${deviation === null ? '' : ` ± ${errorText(deviation)}`} over the windows`;
  const against = `skill ${skillText(skill.naive.mae)} against naive${pValueText(significance.naive)}, ${skillText(skill.seasonalNaive.mae)} against seasonal naive${pValueText(significance.seasonalNaive)}`;
  const left = skipped.length === 0 ? '' : `; ${skipped.length} left out`;
  const held = (intervals?.overall ?? []).map(
    ({ coverage, covered }) => `${(100 * covered).toFixed(1)} % of ${(100 * coverage).toFixed(0)} %`,
  );
  const coverage = held.length === 0 ? '' : `; intervals hold ${held.join(', ')}`;
  return [
    {
      level: hasSkill ? 'info' : 'warn',
      message: `Backtest, ${windows.length} cut-offs ${step} rows apart, ${howFitted(refit)}${left}: ${mae}; ${against}${coverage}${hasSkill ? '' : ': no skill, or the difference may be chance'}`,
    },
  ];
}

function seconds(ms: number): string {
  return ms < 100 ? `${Math.max(1, Math.round(ms))} ms` : `${errorText(ms / 1000)} s`;
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
