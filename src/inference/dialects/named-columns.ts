import { malformed } from './read-body.js';
import type { SentRows } from './sent-rows.js';

/**
 * Columns by name as rows: those of assets are series, at most one other holds the times. What is missing the forecast
 * tells; a second column that is no asset is refused here, since it cannot be known which of them holds the times.
 */
export function rowsByName(
  names: readonly string[],
  columns: readonly (readonly unknown[])[],
  assets: readonly string[],
  read: (cell: unknown, asset: string, row: number) => number | null,
): SentRows {
  const others = names.filter((name) => !assets.includes(name));
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (others.length > 1 || twice !== undefined) {
    throw malformed(
      (twice === undefined
        ? `${others.join(' and ')} are no assets of the model, and one column at most can hold the times`
        : `There are two columns ${twice}`) + `; it takes ${assets.join(', ')}`,
      { columns: names, assets },
    );
  }
  const [time] = others;
  const series = names.flatMap((name, at) =>
    name === time ? [] : [[name, columns[at]!.map((cell, row) => read(cell, name, row))] as const],
  );
  return {
    times: time === undefined ? null : columns[names.indexOf(time)]!.map(String),
    series: Object.fromEntries(series),
  };
}
