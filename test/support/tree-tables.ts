import { binBorders, binColumns, type BinnedTable } from '#src/ml/trees/bin-columns.js';
import type { BoostingSettings } from '#src/ml/trees/gradient-boosting.js';
import { seededUniform } from './series.js';

export function tableOf(columns: readonly Float64Array[], bins?: number): BinnedTable {
  return binColumns(
    columns,
    columns.map((column) => binBorders(column, bins)),
  );
}

/** −1 … 1. */
export function uniformColumn(length: number, seed: number): Float64Array {
  const uniform = seededUniform(seed);
  return Float64Array.from({ length }, () => uniform() * 2 - 1);
}

export const TREE_SETTINGS: BoostingSettings = {
  growth: 'leaf',
  maximumLeaves: 8,
  maximumDepth: 0,
  minimumRows: 5,
  lambda: 1,
  learningRate: 0.1,
  subsample: 1,
  columnSample: 1,
};
