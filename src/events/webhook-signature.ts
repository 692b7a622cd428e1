import { createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;

/** A new secret: 32 random bytes in base64 behind `whsec_`. */
export function newWebhookSecret(): string {
  return `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/**
 * The headers of a signed message: HMAC-SHA256 over `id.timestamp.body`, so that neither can be replayed with another.
 * Source: Standard Webhooks, https://www.standardwebhooks.com, which receivers have libraries for.
 */
export function signatureHeaders(
  secret: string,
  id: string,
  timestampMs: number,
  body: string,
): Record<string, string> {
  const timestamp = String(Math.floor(timestampMs / 1_000));
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
