import { setImmediate as nextTurn } from 'node:timers/promises';

const CHUNK_CHARACTERS = 64 * 1024;

/** Gathers text into chunks of bytes; between two of them other requests get their turn. */
export async function* textChunks(parts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  let text = '';
  for await (const part of parts) {
    text += part;
    if (text.length < CHUNK_CHARACTERS) continue;
    yield Buffer.from(text);
    text = '';
    await nextTurn();
  }
  if (text !== '') yield Buffer.from(text);
}

/** Rows that are joined before they are handed on: a promise a row would cost more than the row. */
export const ROWS_AT_ONCE = 500;
