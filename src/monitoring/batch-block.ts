import type { TableColumn } from '../common/tables/index.js';
import type { BatchColumn } from '../inference/index.js';

interface Header {
  readonly format: 1;
  readonly rows: number;
  readonly columns: readonly Pick<BatchColumn, 'name' | 'kind' | 'texts'>[];
}

/** Length of the header in bytes, little-endian, before it. */
const LENGTH_BYTES = 4;

/** A block of a result as bytes: header (JSON), then each column as little-endian doubles. Every bit comes back. */
export function encodeBlock(columns: readonly BatchColumn[]): Uint8Array {
  const rows = columns[0]?.values.length ?? 0;
  const described = columns.map(({ name, kind, texts }) => ({ name, kind, ...(texts && { texts }) }));
  const header = Buffer.from(JSON.stringify({ format: 1, rows, columns: described } satisfies Header));
  const bytes = Buffer.alloc(LENGTH_BYTES + header.length + columns.length * rows * Float64Array.BYTES_PER_ELEMENT);
  bytes.writeUInt32LE(header.length);
  header.copy(bytes, LENGTH_BYTES);
  let at = LENGTH_BYTES + header.length;
  for (const { values } of columns) for (const value of values) at = bytes.writeDoubleLE(value, at);
  return bytes;
}

export function decodeBlock(content: Uint8Array): TableColumn[] {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const length = bytes.readUInt32LE();
  const text = bytes.toString('utf8', LENGTH_BYTES, LENGTH_BYTES + length);
  const { rows, columns } = JSON.parse(text) as Header;
  return columns.map(({ name, kind, texts }, column) => {
    const first = LENGTH_BYTES + length + column * rows * Float64Array.BYTES_PER_ELEMENT;
    const values = Float64Array.from({ length: rows }, (_, row) =>
      bytes.readDoubleLE(first + row * Float64Array.BYTES_PER_ELEMENT),
    );
    return kind === 'text'
      ? { name, kind, values: Array.from(values, (at) => texts?.[at] ?? null) }
      : { name, kind, values };
  });
}
