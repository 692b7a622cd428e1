import type { ImportanceReport } from '../explain/feature-importance.js';
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

/** The twenty most important columns above the sum by feature step; percent of the validation error. */
export function importanceSpec(report: ImportanceReport, algorithm: string): ChartSpec {
  const { columns, windows, repeats } = report;
  const top = columns.slice(0, SHOWN).map(({ column, importance, deviation }) => ({
    name: column,
    value: 100 * importance,
    low: 100 * (importance - deviation),
    high: 100 * (importance + deviation),
  }));
  const left = columns.length - top.length;
  const steps = [...new Set(columns.map(({ step }) => step))];
  const bySteps = steps
    .map((step) => {
      const ofStep = columns.filter((column) => column.step === step);
      const value = 100 * ofStep.reduce((sum, { importance }) => sum + Math.max(0, importance), 0);
      return { name: `${step} (${ofStep.length})`, value, low: value, high: value };
    })
    .sort((one, other) => other.value - one.value);
  return {
    $schema: SCHEMA,
    title: {
      text: `${algorithm}: feature importance`,
      subtitle: [
        `How much the squared error of ${windows} validation windows rises when a column's windows change places; mean and deviation of ${repeats} repeats`,
        left > 0
          ? `The ${SHOWN} most important of ${columns.length} columns, and all of them by feature step`
          : 'All columns, and by feature step',
      ],
    },
    config: CONFIG,
    padding: 20,
    spacing: 40,
    vconcat: [
      bars(top, 'rise of the error, %', COLOURS.validationLoss),
      bars(bySteps, 'sum of the rises, %', COLOURS.forecast),
    ],
  };
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
