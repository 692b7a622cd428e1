import { TrainyardError } from '../common/errors/index.js';
import type { AssetFrame } from '../ml/frame/time-frame.js';
import { gapTable, type GapTable, type GapThresholds } from '../ml/gaps/gap-table.js';

export interface AssetGaps {
  readonly asset: string;
  readonly column: string;
  readonly table: GapTable;
}

/** The gaps of one column of each asset; `column` null: the first one of each. `COLUMN_UNKNOWN`. */
export function gapTables(
  frames: readonly AssetFrame[],
  column: string | null,
  thresholds: GapThresholds,
): AssetGaps[] {
  return frames.map(({ asset, frame }) => {
    const name = column ?? frame.names[0] ?? '';
    const values = frame.columns[frame.names.indexOf(name)];
    if (values !== undefined) return { asset, column: name, table: gapTable(frame.times, values, thresholds) };
    throw new TrainyardError(
      'COLUMN_UNKNOWN',
      `asset ${asset} has no column "${name}"; it has ${frame.names.join(', ')}`,
      { asset, column: name, known: frame.names },
    );
  });
}
