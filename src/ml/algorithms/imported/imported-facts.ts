import type { FileCall } from '../../engine/onnx/file-session.js';
import type { ModelState } from '../algorithm.js';
import { numbersFact } from '../own-series.js';
import type { FileLayout } from './file-layout.js';

/** The columns that one call of the file reads, and the units it reads them in: value · range + offset. */
export interface ImportedPart {
  readonly columns: readonly number[];
  readonly offsets: readonly number[];
  readonly ranges: readonly number[];
}

/** How an imported network is used; plain JSON, the facts of its model state. */
export interface ImportedUse {
  readonly layout: FileLayout;
  /** One of all columns, or one for each target. */
  readonly parts: readonly ImportedPart[];
  /** By target: what the file makes is (y − offset) / range in scaled units. */
  readonly outputs: { readonly offsets: readonly number[]; readonly ranges: readonly number[] };
  /** How an ONNX file is called; null for a network of Keras layers. */
  readonly call: Omit<FileCall, 'inputShape'> | null;
}

export function importedFacts({ layout, parts, outputs, call }: ImportedUse): ModelState['facts'] {
  return {
    inputColumns: layout.columns,
    inputOrder: layout.inputOrder,
    outputOrder: layout.outputOrder,
    inputShape: layout.inputShape,
    partColumns: parts.flatMap(({ columns }) => columns),
    partOffsets: parts.flatMap(({ offsets }) => offsets),
    partRanges: parts.flatMap(({ ranges }) => ranges),
    outputOffsets: outputs.offsets,
    outputRanges: outputs.ranges,
    ...(call && {
      callInput: call.input,
      callInputType: call.inputType,
      callOutput: call.output,
      ...(call.batch !== null && { callBatch: call.batch }),
    }),
  };
}

export function readImportedUse(state: ModelState): ImportedUse {
  const { facts } = state;
  const columns = facts['inputColumns'] as FileLayout['columns'];
  const flat = ['partColumns', 'partOffsets', 'partRanges'].map((name) => numbersFact(state, name));
  const count = columns === 'all' ? 1 : state.targets.length;
  const width = flat[0]!.length / count;
  return {
    layout: {
      columns,
      inputOrder: facts['inputOrder'] as FileLayout['inputOrder'],
      outputOrder: facts['outputOrder'] as FileLayout['outputOrder'],
      inputShape: numbersFact(state, 'inputShape'),
    },
    parts: Array.from({ length: count }, (_, at) => {
      const [of, offsets, ranges] = flat.map((values) => values.slice(at * width, (at + 1) * width));
      return { columns: of!, offsets: offsets!, ranges: ranges! };
    }),
    outputs: { offsets: numbersFact(state, 'outputOffsets'), ranges: numbersFact(state, 'outputRanges') },
    call:
      state.onnx === undefined
        ? null
        : {
            input: String(facts['callInput']),
            inputType: facts['callInputType'] as FileCall['inputType'],
            output: String(facts['callOutput']),
            batch: typeof facts['callBatch'] === 'number' ? facts['callBatch'] : null,
          },
  };
}
