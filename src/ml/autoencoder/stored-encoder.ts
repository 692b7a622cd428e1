import { decodeTensor, encodeTensor, type EncodedTensor } from '../export/tensor-codec.js';
import { forward, type Activation, type DenseLayer } from './dense-network.js';

/** A layer of a trained encoder as JSON. */
export interface StoredLayer {
  readonly activation: Activation;
  /** [units, inputs] */
  readonly weights: EncodedTensor;
  /** [units] */
  readonly bias: EncodedTensor;
}

/** Rows that go through the encoder at once: bounds memory. */
const BLOCK_ROWS = 128;

export function storeEncoder(layers: readonly DenseLayer[]): StoredLayer[] {
  return layers.map(({ activation, units, inputs, weights, bias }) => ({
    activation,
    weights: encodeTensor({ shape: [units, inputs], data: weights }),
    bias: encodeTensor({ shape: [units], data: bias }),
  }));
}

export function restoreEncoder(stored: readonly StoredLayer[]): DenseLayer[] {
  return stored.map(({ activation, weights, bias }, at) => {
    const { shape, data } = decodeTensor(weights, `autoencoder/${at}/weights`);
    const [units = 0, inputs = 0] = shape;
    return {
      activation,
      units,
      inputs,
      weights: Float64Array.from(data),
      bias: Float64Array.from(decodeTensor(bias, `autoencoder/${at}/bias`).data),
    };
  });
}

/**
 * The code of each row of `columns` (scaled, length n each) as columns of length n; NaN in every code of a row that is
 * not complete. The code of a row depends on that row alone, to the bit.
 */
export function encodeRows(layers: readonly DenseLayer[], columns: readonly Float64Array[]): Float64Array[] {
  const length = columns[0]?.length ?? 0;
  const units = layers.at(-1)?.units ?? 0;
  const codes = Array.from({ length: units }, () => new Float64Array(length).fill(NaN));
  const complete = completeRows(columns, 0, length);
  for (let from = 0; from < complete.length; from += BLOCK_ROWS) {
    const rows = complete.subarray(from, from + BLOCK_ROWS);
    const coded = forward(layers, gatherRows(columns, rows), rows.length);
    rows.forEach((row, at) => {
      for (let unit = 0; unit < units; unit++) codes[unit]![row] = coded[at * units + unit]!;
    });
  }
  return codes;
}

/** Rows of [start, end) in which no column is NaN. */
export function completeRows(columns: readonly Float64Array[], start: number, end: number): Int32Array {
  const broken = new Uint8Array(end - start);
  for (const column of columns) {
    for (let row = start; row < end; row++) if (Number.isNaN(column[row]!)) broken[row - start] = 1;
  }
  const rows: number[] = [];
  for (let row = start; row < end; row++) if (broken[row - start] === 0) rows.push(row);
  return Int32Array.from(rows);
}

/** The rows as a matrix [rows, columns], row-major. */
export function gatherRows(columns: readonly Float64Array[], rows: Int32Array): Float64Array {
  const width = columns.length;
  const gathered = new Float64Array(rows.length * width);
  columns.forEach((column, at) => {
    for (let row = 0; row < rows.length; row++) gathered[row * width + at] = column[rows[row]!]!;
  });
  return gathered;
}
