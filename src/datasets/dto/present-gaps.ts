import type { GapTable } from '../../ml/gaps/gap-table.js';
import type { AssetGapsDto } from './gaps.dto.js';

/** The gap table of one asset's column; of its gaps, `limit` from `offset` on. */
export function presentGaps(
  { asset, column, table }: { readonly asset: string; readonly column: string; readonly table: GapTable },
  { offset, limit }: { readonly offset: number; readonly limit: number },
): AssetGapsDto {
  const { gaps } = table;
  const largeGaps = gaps.filter(({ size }) => size === 'large').length;
  return {
    asset,
    column,
    step: table.step,
    regular: table.regular,
    observedRows: table.observedRows,
    missingRows: table.missingRows,
    smallGaps: gaps.length - largeGaps,
    largeGaps,
    longestGapRows: gaps.reduce((longest, { rows }) => Math.max(longest, rows), 0),
    gaps: gaps.slice(offset, offset + limit).map(({ start, end, ...gap }) => ({
      start: new Date(start).toISOString(),
      end: new Date(end).toISOString(),
      ...gap,
    })),
  };
}
