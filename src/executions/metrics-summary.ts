import type { BacktestReport } from '../ml/evaluation/backtest/backtest-report.js';
import type { DirectionBacktestReport } from '../ml/evaluation/backtest/direction-backtest.js';
import type { ModelReport, PartDirections } from '../ml/evaluation/direction-report.js';
import type { PartEvaluation, ScoredForecast } from '../ml/evaluation/evaluation-report.js';
import type { MemberEvaluation } from '../ml/evaluation/member-evaluation.js';
import type { SkillTests } from '../ml/evaluation/skill-tests.js';
import type { Skill } from '../ml/metrics/skill.js';

interface Scores {
  readonly mse: number;
  readonly mae: number;
}

/** Of the task direction. */
export interface DirectionSummary {
  readonly logLoss: number;
  /** Of the shares of the directions in the train part. */
  readonly trainSharesLogLoss: number;
  readonly accuracy: number;
  readonly macroF1: number;
  readonly macroAuc: number | null;
  readonly brier: number;
  readonly calibrationError: number;
  /** 1 − log loss / log loss of the train shares. */
  readonly skill: number;
  /** One-sided p-value of the test of Diebold and Mariano; null with too few windows. */
  readonly pValue: number | null;
}

/**
 * The few numbers of one part that lists and comparisons need; the report artifact has the rest. Under the task direction
 * there is `direction`, otherwise all the others.
 */
export interface PartSummary {
  readonly windows: number;
  readonly original?: Scores;
  readonly scaled?: Scores;
  /** In scaled units, beside `scaled`. */
  readonly naive?: Scores;
  readonly seasonalNaive?: Scores;
  readonly skill?: { readonly naive: Skill; readonly seasonalNaive: Skill };
  /** One-sided p-values of the test of Diebold and Mariano; null with too few windows, absent in results from before it. */
  readonly pValue?: { readonly naive: number | null; readonly seasonalNaive: number | null };
  readonly direction?: DirectionSummary;
  readonly hasSkill: boolean;
  /** What the intervals hold of what they promise; absent where there are none. */
  readonly intervals?: readonly { readonly coverage: number; readonly covered: number }[];
}

/** Over the cut-offs of a backtest. */
export interface BacktestSummary {
  readonly refit: boolean;
  /** Cut-offs that were scored, and that could not be. */
  readonly windows: number;
  readonly skipped: number;
  /** Mean and standard deviation over the windows, original units; the deviation is null for one window. */
  readonly mae?: { readonly mean: number; readonly standardDeviation: number | null };
  readonly skill?: NonNullable<PartSummary['skill']>;
  readonly pValue?: NonNullable<PartSummary['pValue']>;
  /** What the intervals hold of what they promise; absent where there are none. */
  readonly intervals?: { readonly coverage: number; readonly covered: number }[];
  /** Of the task direction, in place of the four above. */
  readonly direction?: DirectionSummary;
  readonly hasSkill: boolean;
}

/** A member of an ensemble by itself, over the windows of the ensemble and in its scaled units. */
export interface MemberSummary {
  readonly name: string;
  readonly algorithm: string;
  /** Its share of the forecast, 0 … 1. */
  readonly weight: number;
  readonly validation: { readonly original: Scores; readonly scaled: Scores } | null;
  readonly test: { readonly original: Scores; readonly scaled: Scores } | null;
}

export interface MetricsSummary {
  /** Absent under the task direction, whose baseline has no season. */
  readonly seasonLength?: number;
  readonly validation: PartSummary | null;
  readonly test: PartSummary | null;
  /** Absent without a backtest; null where none of its windows was scored. */
  readonly backtest?: BacktestSummary | null;
  /** Of an ensemble only, those it does not use included. */
  readonly members?: MemberSummary[];
  /** True for an imported model: it may have learned from the rows that score it. Absent for all others. */
  readonly trainedElsewhere?: true;
}

export function summarizeMetrics(report: ModelReport): MetricsSummary {
  if (report.task === 'direction') {
    return {
      validation: report.validation && summarizeDirections(report.validation),
      test: report.test && summarizeDirections(report.test),
      ...(report.backtest && { backtest: summarizeDirectionBacktest(report.backtest) }),
    };
  }
  return {
    seasonLength: report.seasonLength,
    validation: report.validation && summarizePart(report.validation),
    test: report.test && summarizePart(report.test),
    ...(report.backtest && { backtest: summarizeBacktest(report.backtest) }),
    ...(report.members && { members: report.members.map(summarizeMember) }),
    ...(report.trainedElsewhere && { trainedElsewhere: report.trainedElsewhere }),
  };
}

function summarizeMember({ name, algorithm, weight, validation, test }: MemberEvaluation): MemberSummary {
  return {
    name,
    algorithm,
    weight,
    validation: validation && inBothUnits(validation),
    test: test && inBothUnits(test),
  };
}

function inBothUnits({ original, scaled }: ScoredForecast): { original: Scores; scaled: Scores } {
  return { original: scores(original), scaled: scores(scaled) };
}

function summarizeBacktest({ refit, windows, skipped, overall }: BacktestReport): BacktestSummary | null {
  if (overall === null) return null;
  const { spread, skill, significance, hasSkill, intervals } = overall;
  const { mean, standardDeviation } = spread.mae;
  return {
    refit,
    windows: windows.length,
    skipped: skipped.length,
    mae: { mean, standardDeviation },
    skill,
    pValue: pValues(significance),
    hasSkill,
    ...(intervals && { intervals: intervals.overall.map(({ coverage, covered }) => ({ coverage, covered })) }),
  };
}

function summarizeDirectionBacktest(report: DirectionBacktestReport): BacktestSummary | null {
  const { refit, windows, skipped, overall } = report;
  if (overall === null) return null;
  const direction = directionSummary(overall);
  return { refit, windows: windows.length, skipped: skipped.length, direction, hasSkill: overall.hasSkill };
}

function summarizeDirections(part: PartDirections): PartSummary {
  return { windows: part.windows, direction: directionSummary(part), hasSkill: part.hasSkill };
}

function directionSummary({
  model,
  trainShares,
  skill,
  significance,
}: Pick<PartDirections, 'model' | 'trainShares' | 'skill' | 'significance'>): DirectionSummary {
  const { logLoss, accuracy, macroF1, macroAuc, brier, calibrationError } = model;
  return {
    logLoss,
    trainSharesLogLoss: trainShares.logLoss,
    accuracy,
    macroF1,
    macroAuc,
    brier,
    calibrationError,
    skill,
    pValue: significance?.pValue ?? null,
  };
}

function summarizePart({
  windows,
  model,
  naive,
  seasonalNaive,
  skill,
  significance,
  hasSkill,
  intervals,
}: PartEvaluation): PartSummary {
  return {
    windows,
    original: scores(model.original),
    scaled: scores(model.scaled),
    naive: scores(naive.scaled),
    seasonalNaive: scores(seasonalNaive.scaled),
    skill,
    pValue: pValues(significance),
    hasSkill,
    ...(intervals && { intervals: intervals.overall.map(({ coverage, covered }) => ({ coverage, covered })) }),
  };
}

function pValues({ naive, seasonalNaive }: SkillTests): NonNullable<PartSummary['pValue']> {
  return { naive: naive?.pValue ?? null, seasonalNaive: seasonalNaive?.pValue ?? null };
}

function scores({ mse, mae }: Scores): Scores {
  return { mse, mae };
}
