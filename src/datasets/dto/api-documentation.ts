import { applyDecorators, type Type } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiExtraModels, ApiHeader, ApiQuery, getSchemaPath } from '@nestjs/swagger';

export const ETAG_HEADER = {
  ETag: { description: 'Counts the writes of the dataset; send it as If-Match', schema: { type: 'string' as const } },
};

export const IMPORT_HEADERS = {
  ...ETAG_HEADER,
  Location: { description: 'Path of the dataset', schema: { type: 'string' as const } },
};

export function ApiIfMatch(): MethodDecorator {
  return ApiHeader({ name: 'If-Match', required: false, description: 'ETag that the dataset must still have' });
}

/** A file as body with options in the query, or a form with options in fields and files. */
export function ApiFileUpload(options: Type): MethodDecorator {
  const file = { type: 'string', format: 'binary' } as const;
  return applyDecorators(
    ApiExtraModels(options),
    ApiConsumes(
      'text/csv',
      'application/json',
      'application/x-ndjson',
      'application/vnd.apache.parquet',
      'application/zip',
      'multipart/form-data',
    ),
    ApiQuery({
      name: 'options',
      required: false,
      // Form style and exploded: each property is a query parameter of its own.
      style: 'form',
      explode: true,
      schema: { $ref: getSchemaPath(options) },
    }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'On imports: a repeated request with the same key gets the dataset that the first one made',
    }),
    ApiBody({
      description: 'The file; in a form, one part `file` or several come after the options',
      schema: {
        oneOf: [file, { allOf: [{ $ref: getSchemaPath(options) }, { type: 'object', properties: { file } }] }],
      },
    }),
  );
}
