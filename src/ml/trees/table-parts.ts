import { binAt, newTable, setBin, type BinnedTable } from './bin-columns.js';

/** Rows [start, end), without copying them. */
export function takeRows(table: BinnedTable, start: number, end: number): BinnedTable {
  const { groups } = table;
  return { ...table, rows: end - start, words: table.words.subarray(start * groups, end * groups) };
}

/** The columns at these positions, in this order. */
export function takeColumns(table: BinnedTable, positions: readonly number[]): BinnedTable {
  const taken = newTable(
    table.rows,
    positions.map((column) => table.borders[column]!),
  );
  positions.forEach((column, at) => {
    for (let row = 0; row < table.rows; row++) setBin(taken, row, at, binAt(table, row, column));
  });
  return taken;
}

/** The table with one column read from other rows: row r has the value of row `order[r]`. */
export function withExchangedColumn(table: BinnedTable, column: number, order: Int32Array): BinnedTable {
  const exchanged = { ...table, words: table.words.slice() };
  order.forEach((source, row) => setBin(exchanged, row, column, binAt(table, source, column)));
  return exchanged;
}
