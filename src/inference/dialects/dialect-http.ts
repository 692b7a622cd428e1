import type { Response } from 'express';
import type { TrainyardRequest } from '../../common/http/index.js';

/** An answer as it goes over the wire. */
export interface DialectAnswer {
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export function send(response: Response, { contentType, headers = {}, body }: DialectAnswer): void {
  // Not `set`: Express would add a charset to the content type, and clients compare it.
  for (const [name, value] of Object.entries({ ...headers, 'Content-Type': contentType })) {
    response.setHeader(name, value);
  }
  response.status(200).send(Buffer.from(body));
}

/** The body as it came; empty where there was none. */
export function bytesOf({ body }: TrainyardRequest): Uint8Array {
  return Buffer.isBuffer(body) ? body : new Uint8Array();
}

export function headerOf(request: TrainyardRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function json(body: unknown): DialectAnswer {
  return { contentType: 'application/json', body: JSON.stringify(body) };
}
