import type { RankedColumn } from '../feature-importance.repository.js';

export class RankedColumnDto implements RankedColumn {
  /** From 1, the most important column. */
  rank!: number;

  column!: string;

  /** Null for columns that depend on the time axis only. */
  asset!: string | null;

  assetClass!: string | null;

  /** The feature step that made it, or `series` for an asset's own series. */
  step!: string;

  /**
   * Relative rise of the squared error on the validation part when the column's windows change places: 0.1 means a tenth
   * more error without what the column knows; 0 or less means it is of no use.
   */
  importance!: number;

  /** Standard deviation of the rise over the repeats. */
  deviation!: number;
}

export class FeatureImportancePageDto {
  items!: RankedColumnDto[];

  cursor!: string | null;
}
