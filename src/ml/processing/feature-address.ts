import { createHash } from 'node:crypto';
import { canonicalJson } from '../export/canonical-json.js';
import { getFeatureStep } from '../features/feature-steps.js';
import type { TimeFrame } from '../frame/time-frame.js';
import { blockRequests, type BlockRequest } from './feature-blocks.js';
import type { FeatureTask } from './feature-task.js';
import type { ProcessingPlan } from './processing-plan.js';

/** Counts up when what goes into an address changes. */
const FORMAT = 1;

/** Where a block is kept, and where the blocks of the same request over the first rows of the same inputs are. */
export interface BlockAddress {
  /** SHA-256, lower-case hexadecimal. */
  readonly address: string;
  /** In the order of the asked row counts; empty for steps that cannot begin anew in the middle. */
  readonly earlier: readonly string[];
}

/**
 * The addresses of all blocks of the tasks: SHA-256 over the step, its code version, its parameters, and the bytes of
 * everything that the step may look at: the times, the asset's main column, its other columns, the reference's column.
 * The names of assets are not in it. Two blocks of one address have the same bytes, whoever computed them.
 *
 * `earlierRows`: numbers of rows that the axis may have had before rows were appended; the prefixes are hashed on the
 * way to the whole, so they cost next to nothing. Those that are not shorter than the axis are left out.
 */
export function blockAddresses(tasks: readonly FeatureTask[], earlierRows: readonly number[] = []): BlockAddress[][] {
  const rows = tasks[0]?.times.length ?? 0;
  const marks = [...new Set(earlierRows)].filter((mark) => mark > 0 && mark < rows);
  const digests = new ColumnDigests(marks);
  return tasks.map((task) =>
    blockRequests(task).map((request) => {
      const canRestart = getFeatureStep(request.feature.step).restartRow !== undefined;
      return {
        address: addressOf(task, request, digests, rows),
        earlier: canRestart ? marks.map((mark) => addressOf(task, request, digests, mark)) : [],
      };
    }),
  );
}

/**
 * Identity of a feature set: the dataset version, the part of the plan that decides the columns, and the addresses of
 * the blocks. The addresses cover what the train part fixes (calendar, longest small gap, a chosen imputation): all of
 * it shows in the bytes of the axis and of the filled columns.
 */
export function featureSetHash(
  plan: ProcessingPlan,
  datasetContentHash: string,
  addresses: readonly (readonly BlockAddress[])[],
): string {
  const { assets, axis, gaps, features } = plan;
  const steps = features.map((feature) => ({ ...feature, codeVersion: getFeatureStep(feature.step).codeVersion }));
  const blocks = addresses.map((task) => task.map(({ address }) => address));
  return sha256(canonicalJson({ format: FORMAT, datasetContentHash, assets, axis, gaps, features: steps, blocks }));
}

/**
 * What feature sets have in common whose rows may continue each other: assets, columns, and how the axis is made. A
 * hint for finding predecessors; whether one really is a prefix, its addresses decide.
 */
export function featureLineage({ assets, targets, axis }: ProcessingPlan): string {
  const columns = assets.map(({ id, column }) => [id, column]);
  const ofTargets = axis.join === 'targets' ? targets : [];
  return sha256(canonicalJson({ format: FORMAT, columns, axis: { ...axis, end: null }, targets: ofTargets }));
}

function addressOf(task: FeatureTask, request: BlockRequest, digests: ColumnDigests, rows: number): string {
  const { step: name, parameters } = request.feature;
  const { codeVersion, scope } = getFeatureStep(name);
  const digest = (column: Float64Array): string => digests.of(column, rows);
  const named = (frame: TimeFrame | null): [string, string][] =>
    frame === null ? [] : frame.names.map((column, at) => [column, digest(frame.columns[at]!)]);
  const ofAsset = scope !== 'axis';
  const reference = named(task.references).find(([asset]) => asset === request.reference);
  return sha256(
    canonicalJson({
      format: FORMAT,
      step: name,
      codeVersion,
      parameters,
      rows,
      times: digest(task.times),
      value: ofAsset ? digest(task.value) : null,
      columns: ofAsset ? named(task.otherColumns) : [],
      reference: reference?.[1] ?? null,
    }),
  );
}

/** SHA-256 over the bytes of columns and of their first rows; each column is read once, however often it is asked for. */
class ColumnDigests {
  private readonly known = new Map<Float64Array, ReadonlyMap<number, string>>();
  private readonly marks: readonly number[];

  constructor(marks: readonly number[]) {
    this.marks = [...marks].sort((a, b) => a - b);
  }

  of(column: Float64Array, rows: number): string {
    const digests = this.known.get(column) ?? this.read(column);
    const digest = digests.get(rows);
    if (digest === undefined) throw new Error(`a column of ${column.length} rows was not hashed up to row ${rows}`);
    return digest;
  }

  private read(column: Float64Array): ReadonlyMap<number, string> {
    const hash = createHash('sha256');
    const digests = new Map<number, string>();
    let done = 0;
    for (const mark of [...this.marks, column.length]) {
      hash.update(bytesOf(column.subarray(done, mark)));
      digests.set(mark, hash.copy().digest('hex'));
      done = mark;
    }
    this.known.set(column, digests);
    return digests;
  }
}

function bytesOf(column: Float64Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
