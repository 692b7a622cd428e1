import { TrainyardError } from '../../../common/errors/index.js';
import type { ModelFileSummary } from '../../import/model-file.js';

/** Which columns of a window one call of the file reads. */
export const COLUMN_CHOICES = ['all', 'per-target', 'own-series'] as const;
/** How rows and columns of the window lie in its input. */
export const INPUT_ORDERS = ['rows-columns', 'columns-rows'] as const;
/** How steps and targets lie in its output. */
export const OUTPUT_ORDERS = ['steps-targets', 'targets-steps'] as const;

/** How an imported network reads a window and writes a forecast. */
export interface FileLayout {
  readonly columns: (typeof COLUMN_CHOICES)[number];
  readonly inputOrder: (typeof INPUT_ORDERS)[number];
  readonly outputOrder: (typeof OUTPUT_ORDERS)[number];
  /** Of one call, without the batch, every axis known. */
  readonly inputShape: readonly number[];
}

/** What a template's windows are. */
export interface WindowShape {
  readonly lookBack: number;
  readonly horizon: number;
  readonly targets: number;
  /** Input columns of a window, by what one call reads. */
  readonly widths: Readonly<Record<FileLayout['columns'], number>>;
}

/** What the user has said of it; `auto` leaves it to the shapes. */
export interface GivenLayout {
  readonly inputColumns: string;
  readonly inputOrder: string;
  readonly outputOrder: string;
}

const PATH = 'algorithm.hyperparameters';

/**
 * The one way in which the file's shapes fit the windows. Axes of extent 1 do not count, and neither does it whether two
 * axes are one: [batch, rows, columns], [batch, rows · columns] and [batch, rows, 1, columns] hold the same numbers.
 * `MODEL_FILE_MISMATCH` when none fits, with what was expected, and when several do, with the hyperparameters that say
 * which is meant.
 */
export function findLayout(
  { input, output }: Pick<ModelFileSummary, 'input' | 'output'>,
  window: WindowShape,
  given: GivenLayout,
): FileLayout {
  const fitting = candidates(window, given).flatMap(({ layout, ins, outs }) => {
    const inputShape = matchShape(input.shape.slice(1), ins);
    return inputShape && matchShape(output.shape.slice(1), outs, output.shape.length === 0)
      ? [{ layout: { ...layout, inputShape }, reading: readingOf(layout, window) }]
      : [];
  });
  const readings = new Map([...fitting].reverse().map(({ layout, reading }) => [reading, layout]));
  const [only] = readings.values();
  if (only === undefined) throw mismatch({ input, output }, window, given);
  if (readings.size > 1) throw ambiguous({ input, output }, [...readings.values()].reverse());
  return only;
}

type Choice = Omit<FileLayout, 'inputShape'>;

interface Candidate {
  readonly layout: Choice;
  readonly ins: readonly [number, number];
  readonly outs: readonly [number, number];
}

function candidates({ lookBack, horizon, targets, widths }: WindowShape, given: GivenLayout): Candidate[] {
  const allowed = <Value extends string>(values: readonly Value[], said: string): readonly Value[] =>
    values.filter((value) => said === 'auto' || said === value);
  return allowed(COLUMN_CHOICES, given.inputColumns).flatMap((columns) =>
    allowed(INPUT_ORDERS, given.inputOrder).flatMap((inputOrder) =>
      allowed(OUTPUT_ORDERS, given.outputOrder).map((outputOrder): Candidate => {
        const width = widths[columns];
        const forecast = columns === 'all' ? targets : 1;
        return {
          layout: { columns, inputOrder, outputOrder },
          ins: inputOrder === 'rows-columns' ? [lookBack, width] : [width, lookBack],
          outs: outputOrder === 'steps-targets' ? [horizon, forecast] : [forecast, horizon],
        };
      }),
    ),
  );
}

/** Layouts of one reading give the same numbers: an order of one column is none, nor is one of one target. */
function readingOf(
  { columns, inputOrder, outputOrder }: Choice,
  { lookBack, horizon, targets, widths }: WindowShape,
): string {
  const width = widths[columns];
  const isWhole = targets === 1 && width === widths.all;
  const read = isWhole ? 'all' : columns === 'per-target' && width === 1 ? 'own-series' : columns;
  const input = width === 1 || lookBack === 1 ? 'any' : inputOrder;
  const output = (columns === 'all' ? targets : 1) === 1 || horizon === 1 ? 'any' : outputOrder;
  return `${read} ${input} ${output}`;
}

/**
 * The shape with its open axes filled in, when it holds the two extents in this order, as two axes or as one; null when it
 * does not. A rank that is unknown fits.
 */
function matchShape(
  shape: readonly (number | null)[],
  extents: readonly [number, number],
  isUnknown = false,
): readonly number[] | null {
  if (isUnknown) return [];
  const total = extents[0] * extents[1];
  const fillings = [[total], extents, extents.filter((extent) => extent !== 1)];
  for (const filling of fillings) {
    const filled = fillShape(shape, filling);
    if (filled !== null) return filled;
  }
  return null;
}

/** Puts the extents into the axes in their order; axes that are left over must be 1. */
function fillShape(shape: readonly (number | null)[], extents: readonly number[]): readonly number[] | null {
  const [axis, ...axes] = shape;
  if (axis === undefined) return extents.length === 0 ? [] : null;
  const [extent, ...further] = extents;
  if (extent !== undefined && (axis === null || axis === extent)) {
    const rest = fillShape(axes, further);
    if (rest !== null) return [extent, ...rest];
  }
  if (axis !== null && axis !== 1) return null;
  const rest = fillShape(axes, extents);
  return rest && [1, ...rest];
}

const shown = (shape: readonly (number | null)[]): string =>
  shape.length === 0
    ? '[any]'
    : `[batch, ${shape
        .slice(1)
        .map((extent) => extent ?? '?')
        .join(', ')}]`;

function mismatch(
  { input, output }: Pick<ModelFileSummary, 'input' | 'output'>,
  window: WindowShape,
  given: GivenLayout,
): TrainyardError {
  const { lookBack, horizon, targets, widths } = window;
  const expected = [
    `[batch, ${lookBack}, ${widths.all}] to [batch, ${horizon}, ${targets}] (windows.lookBack by input columns, windows.horizon by targets)`,
    ...(widths['per-target'] === widths.all && targets === 1
      ? []
      : [`[batch, ${lookBack}, ${widths['per-target']}] to [batch, ${horizon}] for each target by itself`]),
    ...(widths['own-series'] === widths['per-target']
      ? []
      : [`[batch, ${lookBack}] to [batch, ${horizon}] from each target's own series`]),
  ];
  const said = Object.entries(given).filter(([, value]) => value !== 'auto');
  const chosen = said.length === 0 ? '' : `, with ${said.map(([name, value]) => `${name} ${value}`).join(' and ')}`;
  return new TrainyardError(
    'MODEL_FILE_MISMATCH',
    `The file reads ${shown(input.shape)} and makes ${shown(output.shape)}, and the windows of the template${chosen} fit ${expected.join(', or ')}; two axes may also be one. Set windows, targets and features as the file was trained with`,
    { input: input.shape, output: output.shape, lookBack, horizon, targets, columns: widths },
  );
}

function ambiguous(
  { input, output }: Pick<ModelFileSummary, 'input' | 'output'>,
  layouts: readonly FileLayout[],
): TrainyardError {
  const choices: Record<string, string[]> = {
    inputColumns: [...new Set(layouts.map(({ columns }) => columns))],
    inputOrder: [...new Set(layouts.map(({ inputOrder }) => inputOrder))],
    outputOrder: [...new Set(layouts.map(({ outputOrder }) => outputOrder))],
  };
  const open = Object.entries(choices).filter(([, values]) => values.length > 1);
  return new TrainyardError(
    'MODEL_FILE_MISMATCH',
    `The shapes of the file, ${shown(input.shape)} and ${shown(output.shape)}, can be read in ${layouts.length} ways: set ${open.map(([name, values]) => `${PATH}.${name} to ${values.join(' or ')}`).join(', and ')}`,
    { input: input.shape, output: output.shape, choices: Object.fromEntries(open) },
  );
}
