import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { TABLE_FORMATS, contentTypeOf, writeTableBlocks, type TableBlocks, type TableForm } from '../tables/index.js';

/**
 * A download whose bytes are made as the client takes them. The first block is made before: what is wrong with the request
 * is answered, not a file that breaks off.
 */
export async function sendTable(blocks: TableBlocks, form: TableForm, name: string): Promise<StreamableFile> {
  const bytes = writeTableBlocks(blocks, form)[Symbol.asyncIterator]();
  const first = await bytes.next();
  const all = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for (let next = first; next.done !== true; next = await bytes.next()) yield next.value;
    } finally {
      await bytes.return?.();
    }
  };
  const plain = name.replace(/[^\w.-]+/g, '_').slice(0, 100);
  return new StreamableFile(Readable.from(all(), { objectMode: false }), {
    type: contentTypeOf(form),
    disposition: `attachment; filename="${plain}.${form.format}"`,
  });
}

/** Documents a route that answers with a table. */
export function ApiTableDownload(): MethodDecorator {
  const schema = { type: 'string', format: 'binary' } as const;
  const types = TABLE_FORMATS.map((format) => contentTypeOf({ format, orient: 'records' }).split(';')[0] ?? '');
  return ApiOkResponse({
    description: 'The table, as a download',
    content: Object.fromEntries(types.map((type) => [type, { schema }])),
  });
}
