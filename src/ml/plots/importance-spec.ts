import type { ColumnImportance, ImportanceReport } from '../explain/feature-importance.js';
import { COLOURS, CONFIG, SCHEMA, type ChartSpec } from './theme.js';

const SHOWN = 20;
const WIDTH = 1_100;
const BAR_HEIGHT = 26;
/** Room for the names of columns, in pixels. */
const NAME_WIDTH = 300;

interface Bar {
  readonly name: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The twenty most important columns above the sums by feature step and, where the columns belong to assets of several
 * classes, by asset class; percent of the validation error.
 */
export function importanceSpec(report: ImportanceReport, algorithm: string): ChartSpec {
  const { columns, windows, repeats } = report;
  const top = columns.slice(0, SHOWN).map(({ column, importance, deviation }) => ({
    name: column,
    value: 100 * importance,
    low: 100 * (importance - deviation),
    high: 100 * (importance + deviation),
  }));
  const left = columns.length - top.length;
  const bySteps = sumsBy(columns, ({ step }) => step);
  const classes = new Set(columns.flatMap(({ assetClass }) => (assetClass === null ? [] : [assetClass])));
  const byClasses = classes.size < 2 ? [] : sumsBy(columns, classOf);
  const groups = byClasses.length === 0 ? 'by feature step' : 'by feature step and by asset class';
  return {
    $schema: SCHEMA,
    title: {
      text: `${algorithm}: feature importance`,
      subtitle: [
        `How much the ${report.lossName === 'log' ? 'log loss' : 'squared error'} of ${windows} validation windows rises when a column's windows change places; mean and deviation of ${repeats} repeats`,
        left > 0
          ? `The ${SHOWN} most important of ${columns.length} columns, and all of them ${groups}`
          : `All columns, and ${groups}`,
      ],
    },
    config: CONFIG,
    padding: 20,
    spacing: 40,
    vconcat: [
      bars(top, 'rise of the error, %', COLOURS.validationLoss),
      bars(bySteps, 'sum of the rises by feature step, %', COLOURS.forecast),
      ...(byClasses.length === 0 ? [] : [bars(byClasses, 'sum of the rises by asset class, %', COLOURS.actual)]),
    ],
  };
}

function classOf({ asset, assetClass }: ColumnImportance): string {
  return assetClass ?? (asset === null ? 'no asset' : 'no class');
}

/** Rises of the columns of each group, those of no use counting 0; the largest sum first. */
function sumsBy(columns: readonly ColumnImportance[], groupOf: (column: ColumnImportance) => string): Bar[] {
  return [...new Set(columns.map(groupOf))]
    .map((group) => {
      const ofGroup = columns.filter((column) => groupOf(column) === group);
      const value = 100 * ofGroup.reduce((sum, { importance }) => sum + Math.max(0, importance), 0);
      return { name: `${group} (${ofGroup.length})`, value, low: value, high: value };
    })
    .sort((one, other) => other.value - one.value);
}

function bars(values: readonly Bar[], title: string, color: string) {
  const order = values.map(({ name }) => name);
  const y = {
    field: 'name',
    type: 'nominal' as const,
    sort: order,
    axis: { title: null, minExtent: NAME_WIDTH, maxExtent: NAME_WIDTH, labelLimit: NAME_WIDTH - 10 },
  };
  return {
    width: WIDTH,
    height: values.length * BAR_HEIGHT,
    data: { values: [...values] },
    layer: [
      {
        mark: { type: 'bar' as const, color, height: { band: 0.7 } },
        encoding: { y, x: { field: 'value', type: 'quantitative' as const, axis: { title, grid: true } } },
      },
      {
        mark: { type: 'rule' as const, color: COLOURS.ink },
        encoding: { y, x: { field: 'low', type: 'quantitative' as const }, x2: { field: 'high' } },
      },
    ],
  };
}
