/** The only source of the current time outside `ml` (which has none), so that tests can move it. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}

export const CLOCK = Symbol('Clock');

export const systemClock: Clock = { now: () => Date.now() };

/** ISO 8601 in UTC with milliseconds, the form of every stored and returned time. */
export function isoTime(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
