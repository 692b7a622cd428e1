import type { Forecaster } from '../ml/algorithms/algorithm.js';
import { describeColumns, describeFuture } from '../ml/explain/describe-columns.js';
import type { ColumnImportance, ImportanceReport, SelectionReport } from '../ml/explain/feature-importance.js';
import { permutationImportance, type ImportanceContext } from '../ml/explain/permutation-importance.js';
import { selectColumns } from '../ml/explain/select-columns.js';
import { keepInputs } from '../ml/processing/keep-inputs.js';
import type { FittedProcessing } from '../ml/processing/processing-plan.js';
import type { WindowedData } from '../ml/windows/windowed-data.js';
import type { LogLine } from './training-log.js';

/** Columns named in a log line; the artifact has all of them. */
const NAMED = 8;

export interface ChosenInputs {
  readonly fitted: FittedProcessing;
  readonly data: WindowedData;
  readonly selection: SelectionReport | null;
  readonly lines: readonly LogLine[];
}

/** Leaves out the input columns that are of no use, before anything is trained on them. */
export async function chooseInputs(
  fitted: FittedProcessing,
  data: WindowedData,
  options: { readonly tolerance: number; readonly seed: number },
  context: ImportanceContext,
): Promise<ChosenInputs> {
  const chosen = await selectColumns(data, new Set(data.targets.inputs), options, context);
  if (chosen === null) {
    const message = 'Too few train or validation windows to tell useful columns from useless ones: all are kept';
    return { fitted, data, selection: null, lines: [{ level: 'warn', message }] };
  }
  const { names } = data.inputs;
  const kept = new Set(chosen.kept);
  const selection: SelectionReport = {
    method: 'boosted-trees',
    kept: chosen.kept.map((at) => names[at]!),
    dropped: names.filter((_, at) => !kept.has(at)),
    lossOfAll: chosen.lossOfAll,
    lossOfKept: chosen.lossOfKept,
  };
  const losses = `error on the validation part relative to no change: ${chosen.lossOfAll.toFixed(4)} with all, ${chosen.lossOfKept.toFixed(4)} with those kept`;
  const message = `Selection by boosted trees keeps ${chosen.kept.length} of ${names.length} input columns (${losses})${some('; left out', selection.dropped)}`;
  return { ...keepInputs(fitted, data, chosen.kept), selection, lines: [{ level: 'info', message }] };
}

/** What each input column is worth to the trained model; null where the validation part has too few windows to tell. */
export async function measureImportance(
  subject: {
    readonly fitted: FittedProcessing;
    readonly data: WindowedData;
    readonly forecaster: Forecaster;
    /** It reads known-future covariates. */
    readonly readsFuture: boolean;
  },
  selection: SelectionReport | null,
  seed: number,
  context: ImportanceContext,
): Promise<ImportanceReport | null> {
  const { data, forecaster, readsFuture } = subject;
  const measured = await permutationImportance(data, forecaster, seed, context, { future: readsFuture });
  if (measured === null) return null;
  const columns: ColumnImportance[] = [
    ...describeColumns(subject.fitted).map((column, at) => ({ ...column, ...measured.columns[at]! })),
    ...measured.future.map((column, at) => ({ ...describeFuture(subject.fitted)[at]!, ...column })),
  ];
  columns.sort((left, right) => right.importance - left.importance || (left.column < right.column ? -1 : 1));
  const { windows, repeats, loss } = measured;
  return {
    format: 1,
    method: 'permutation',
    part: 'validation',
    windows,
    repeats,
    loss,
    ...(data.directions && { lossName: 'log' as const }),
    columns,
    selection,
  };
}

export function describeImportance(report: ImportanceReport | null): LogLine[] {
  if (report === null) return [];
  const useful = report.columns.filter(({ importance }) => importance > 0);
  const top = useful.slice(0, NAMED).map(({ column, importance }) => `${column} ${(100 * importance).toFixed(1)} %`);
  const message =
    top.length === 0
      ? `Feature importance over ${report.windows} validation windows: no column lowers the error`
      : `Feature importance (rise of the validation error without the column): ${top.join(', ')}; ${report.columns.length - useful.length} of ${report.columns.length} columns are of no use`;
  return [{ level: 'info', message }];
}

function some(lead: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `${lead} ${names.slice(0, NAMED).join(', ')}${more}`;
}
