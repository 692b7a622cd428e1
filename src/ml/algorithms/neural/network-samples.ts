import type { WindowedData } from '../../windows/windowed-data.js';
import { columnTable, inputTable, type SampleLayout } from './sample-layout.js';

/** One input of a network, or its targets. */
export type SampleSource = TableSource | WrittenSource;

/** Values that are made for each sample, [length, width]. */
interface WrittenSource {
  readonly width: number;
  readonly length: number;
  write(sample: number, into: Float32Array, at: number): void;
}

/** Rows at a fixed distance from the origin of a sample. */
interface TableSource {
  /** One row-major table for each part of the layout. */
  readonly tables: readonly (Float32Array | Uint8Array)[];
  readonly width: number;
  /** Row of the first value, counted from the origin. */
  readonly first: number;
  readonly length: number;
}

/** Everything a network is trained on, as float32 tables that windows are copied from. */
export interface NetworkSamples {
  readonly inputs: readonly SampleSource[];
  readonly targets: SampleSource;
  /** What the loss of each target value is multiplied with, mean 1; left out where all count alike. */
  readonly targetWeights?: SampleSource;
  /** Numbers of samples: origin · parts + part. */
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly parts: number;
  /** Of a train sample, mean 1; null where all count alike. */
  readonly weightOf: ((sample: number) => number) | null;
}

export function networkSamples(data: WindowedData, layout: SampleLayout): NetworkSamples {
  const { lookBack, horizon, times, origins, targets } = data;
  const parts = layout.parts.length;
  const numbers = (of: Int32Array): Int32Array => {
    const samples = new Int32Array(of.length * parts);
    of.forEach((origin, n) => {
      for (let part = 0; part < parts; part++) samples[n * parts + part] = origin * parts + part;
    });
    return samples;
  };
  const rows = times.length;
  const future = data.future?.columns ?? [];
  const known = columnTable(future, 0, rows);
  return {
    inputs: [
      {
        tables: layout.parts.map((part) => inputTable(data.inputs, part, 0, rows, future)),
        width: layout.parts[0]!.columns.length + future.length,
        first: 1 - lookBack,
        length: lookBack,
      },
      ...(future.length > 0
        ? [{ tables: layout.parts.map(() => known), width: future.length, first: 1, length: horizon }]
        : []),
    ],
    targets: {
      tables:
        parts === 1
          ? [columnTable(targets.columns, 0, rows)]
          : targets.columns.map((column) => columnTable([column], 0, rows)),
      width: layout.targets,
      first: 1,
      length: horizon,
    },
    train: numbers(origins.train),
    validation: numbers(origins.validation),
    parts,
    weightOf: sampleWeights(data, parts),
  };
}

export function sampleWeights({ times, origins, weights }: WindowedData, parts: number): NetworkSamples['weightOf'] {
  if (weights === undefined) return null;
  const byRow = new Float32Array(times.length);
  origins.train.forEach((origin, at) => (byRow[origin] = weights[at]!));
  return (sample) => byRow[Math.floor(sample / parts)]!;
}

/** Below this many values a loop copies faster than a call does. */
const SMALL_COPY = 48;

/** Copies the rows of each sample into `into`, one after the other from element `at` on. */
export function copySamples(
  source: SampleSource,
  samples: Int32Array,
  parts: number,
  into: Float32Array,
  at = 0,
): void {
  if ('write' in source) {
    for (let n = 0; n < samples.length; n++) source.write(samples[n]!, into, at + n * source.width * source.length);
    return;
  }
  const { tables, width, first, length } = source;
  const size = width * length;
  for (const sample of samples) {
    const table = tables[sample % parts]!;
    const start = (Math.floor(sample / parts) + first) * width;
    if (size < SMALL_COPY) for (let n = 0; n < size; n++) into[at + n] = table[start + n]!;
    else into.set(table.subarray(start, start + size), at);
    at += size;
  }
}
