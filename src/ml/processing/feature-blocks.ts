import type { FeatureInput } from '../features/feature-step.js';
import { getFeatureStep } from '../features/feature-steps.js';
import type { FeatureTask } from './feature-task.js';
import type { PlannedFeature } from './processing-plan.js';

/**
 * What one feature step makes for one asset, for one pair of assets, or for the time axis: the unit that is computed,
 * stored and shared. It carries no asset's name, since what it holds depends on the bytes of its inputs alone.
 */
export interface FeatureBlock {
  /** As the step names its columns. */
  readonly names: readonly string[];
  readonly columns: readonly Float64Array[];
  readonly notes: readonly string[];
}

/** One block that a task is asked for. */
export interface BlockRequest {
  readonly feature: PlannedFeature;
  /** For steps of scope `pair`. */
  readonly reference: string | null;
}

export interface ComputedBlock {
  readonly block: FeatureBlock;
  /** Rows that the step ran over: all of them, or the last ones where an earlier block was extended. */
  readonly computedRows: number;
}

/** The blocks of a task in the order of their columns. */
export function blockRequests({ asset, references, features }: FeatureTask): BlockRequest[] {
  return features.flatMap((feature): BlockRequest[] => {
    if (getFeatureStep(feature.step).scope !== 'pair') return [{ feature, reference: null }];
    const there = (feature.references ?? []).filter((name) => name !== asset && references?.names.includes(name));
    return there.map((reference) => ({ feature, reference }));
  });
}

/**
 * Runs one step. `earlier`: the block of the same request over the first rows of the same inputs; where the step can
 * begin anew in the middle (`restartRow`), only the rows from there are computed, to the same bytes. A block with notes
 * is computed whole, so that what they say is about all of it.
 */
export function computeBlock(
  task: FeatureTask,
  request: BlockRequest,
  earlier: FeatureBlock | null = null,
): ComputedBlock {
  const extended = earlier === null ? null : extendBlock(task, request, earlier);
  return extended ?? { block: runStep(task, request, 0), computedRows: task.times.length };
}

function extendBlock(task: FeatureTask, request: BlockRequest, earlier: FeatureBlock): ComputedBlock | null {
  const { step: name, parameters } = request.feature;
  const rows = task.times.length;
  const known = earlier.columns[0]?.length ?? 0;
  if (earlier.notes.length > 0 || known === 0 || known > rows) return null;
  const from = getFeatureStep(name).restartRow?.(known, parameters) ?? 0;
  if (from <= 0) return null;
  const tail = runStep(task, request, from);
  if (tail.notes.length > 0 || tail.columns.length !== earlier.columns.length) return null;
  const columns = tail.columns.map((column, at) => {
    const whole = new Float64Array(rows);
    whole.set(earlier.columns[at]!);
    whole.set(column.subarray(known - from), known);
    return whole;
  });
  return { block: { names: tail.names, columns, notes: [] }, computedRows: rows - from };
}

/** The step over the rows from `from`. */
function runStep(task: FeatureTask, { feature, reference }: BlockRequest, from: number): FeatureBlock {
  const { asset, otherColumns, references } = task;
  const times = task.times.subarray(from);
  const input: FeatureInput = {
    times,
    value: asset === null ? new Float64Array(times.length).fill(NaN) : task.value.subarray(from),
    column(name) {
      const at = otherColumns?.names.findIndex((other) => other.toLowerCase() === name.toLowerCase()) ?? -1;
      return at < 0 ? undefined : otherColumns?.columns[at]?.subarray(from);
    },
    ...(reference === null
      ? {}
      : { reference: { asset: reference, value: referenceValue(references, reference, from) } }),
  };
  const notes: string[] = [];
  const made = getFeatureStep(feature.step).compute(input, feature.parameters, (message) => notes.push(message));
  return { names: made.map(({ name }) => name), columns: made.map(({ values }) => values), notes };
}

function referenceValue(references: FeatureTask['references'], name: string, from: number): Float64Array {
  const column = references?.columns[references.names.indexOf(name)];
  if (column === undefined) throw new Error(`the task has no column of the reference asset ${name}`);
  return column.subarray(from);
}
