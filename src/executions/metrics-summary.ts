import type { EvaluationReport, PartEvaluation } from '../ml/evaluation/evaluation-report.js';
import type { Skill } from '../ml/metrics/skill.js';

interface Scores {
  readonly mse: number;
  readonly mae: number;
}

/** The few numbers of one part that lists and comparisons need; the report artifact has the rest. */
export interface PartSummary {
  readonly windows: number;
  readonly original: Scores;
  readonly scaled: Scores;
  /** In scaled units, beside `scaled`. */
  readonly naive: Scores;
  readonly seasonalNaive: Scores;
  readonly skill: { readonly naive: Skill; readonly seasonalNaive: Skill };
  /** One-sided p-values of the test of Diebold and Mariano; null with too few windows, absent in results from before it. */
  readonly pValue?: { readonly naive: number | null; readonly seasonalNaive: number | null };
  readonly hasSkill: boolean;
  /** What the intervals hold of what they promise; absent where there are none. */
  readonly intervals?: readonly { readonly coverage: number; readonly covered: number }[];
}

export interface MetricsSummary {
  readonly seasonLength: number;
  readonly validation: PartSummary | null;
  readonly test: PartSummary | null;
}

export function summarizeMetrics(report: EvaluationReport): MetricsSummary {
  return {
    seasonLength: report.seasonLength,
    validation: report.validation && summarizePart(report.validation),
    test: report.test && summarizePart(report.test),
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
    pValue: {
      naive: significance.naive?.pValue ?? null,
      seasonalNaive: significance.seasonalNaive?.pValue ?? null,
    },
    hasSkill,
    ...(intervals && { intervals: intervals.overall.map(({ coverage, covered }) => ({ coverage, covered })) }),
  };
}

function scores({ mse, mae }: Scores): Scores {
  return { mse, mae };
}
