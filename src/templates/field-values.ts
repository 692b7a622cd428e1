const DATE_OR_ZONED_TIME = /^(\d{4})-(\d{2})-(\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * A date (midnight UTC) or a time that states its zone. A time without one would mean something else on each machine.
 * The day is checked against the month, since `Date` turns 30 February into 1 March.
 */
export function isUtcTime(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  const match = DATE_OR_ZONED_TIME.exec(value);
  if (match === null || Number.isNaN(Date.parse(value))) return false;
  const daysInMonth = new Date(Date.UTC(Number(match[1]), Number(match[2]), 0)).getUTCDate();
  return Number(match[3]) >= 1 && Number(match[3]) <= daysInMonth;
}

/** Different, non-empty asset ids; at least one. */
export function isAssetList(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((id) => typeof id === 'string' && id !== '') &&
    new Set(value).size === value.length
  );
}
