/** About a megabyte of texts. */
const REMEMBERED = 20_000;

const ISO_8601 = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2}))?$/;

const texts = new Map<number, string>();
const times = new Map<string, number>();

// One window shares all but its last row with the one before: looking its times up takes a twentieth of working them out,
// which was a quarter of a forecast.

/** Of milliseconds since 1970, in UTC with milliseconds: `toISOString` of the date. */
export function isoTextOf(timeMs: number): string {
  return remembered(texts, timeMs, (time) => new Date(time).toISOString());
}

/** Milliseconds of a date, or of a date and a time with its zone, in ISO 8601; NaN for anything else. */
export function timeOfIsoText(text: string): number {
  // What is none is not remembered: anybody may send texts of any length.
  if (!times.has(text) && !ISO_8601.test(text)) return NaN;
  return remembered(times, text, Date.parse);
}

function remembered<From, To>(known: Map<From, To>, from: From, work: (from: From) => To): To {
  const before = known.get(from);
  if (before !== undefined) return before;
  if (known.size >= REMEMBERED) known.clear();
  const made = work(from);
  known.set(from, made);
  return made;
}
