/**
 * JSON with sorted keys and no white space: equal values give equal text whatever order their keys were set in.
 * Numbers are written in the shortest form that reads back to the same bits (ECMAScript), −0 as 0; keys whose value is
 * undefined are left out. What JSON would turn into null without a word, NaN and the infinities, is refused.
 */
export function canonicalJson(value: unknown, path = ''): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`${path || 'the value'} is ${value}, which JSON cannot hold`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map((element, at) => canonicalJson(element, `${path}[${at}]`)).join(',')}]`;
  }
  if (typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member, path ? `${path}.${key}` : key)}`);
    return `{${entries.join(',')}}`;
  }
  throw new Error(`${path || 'the value'} is a ${typeof value}, which JSON cannot hold`);
}
