/**
 * The buffers below a plain value that may be moved to another thread, each once. Views into a larger buffer stay:
 * moving them would take the rest of that buffer away from its other users (Node's shared pool of small Buffers above
 * all). Shared memory is never moved.
 */
export function transferableBuffers(value: unknown): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  collect(value, buffers);
  return [...buffers];
}

function collect(value: unknown, buffers: Set<ArrayBuffer>): void {
  if (typeof value !== 'object' || value === null) return;
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength) buffers.add(value.buffer);
    return;
  }
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return;
  for (const inner of Object.values(value)) collect(inner, buffers);
}
