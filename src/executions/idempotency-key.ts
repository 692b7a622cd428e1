/** What a client may call its request, over HTTP and socket alike. */
export const IDEMPOTENCY_KEY = /^[\x20-\x7e]{1,200}$/;
