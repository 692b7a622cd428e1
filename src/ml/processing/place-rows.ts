import { TrainyardError } from '../../common/errors/index.js';

/** Where the rows of a member stand among those of the ensemble: row `from` of its own is row `at` there. */
export interface RowPlace {
  readonly from: number;
  readonly at: number;
}

/**
 * Rows of two axes that end together and differ at most in where they begin. `ENSEMBLE_MISMATCH` for others, with the
 * first time that one of them lacks: a window of the member would be another stretch of time.
 */
export function placeRows(name: string, times: Float64Array, axis: Float64Array): RowPlace {
  const begin = Math.max(times[0] ?? NaN, axis[0] ?? NaN);
  const place = { from: times.findIndex((time) => time >= begin), at: axis.findIndex((time) => time >= begin) };
  const rows = Math.max(times.length - place.from, axis.length - place.at);
  if (place.from >= 0 && place.at >= 0) {
    let row = 0;
    while (row < rows && times[place.from + row] === axis[place.at + row]) row += 1;
    if (row === rows) return place;
    const [its, mine] = [times[place.from + row], axis[place.at + row]];
    throw mismatch(name, Math.min(its ?? Infinity, mine ?? Infinity), its !== undefined && !(mine! < its));
  }
  throw mismatch(name, begin, false);
}

function mismatch(name: string, time: number, isItsOwn: boolean): TrainyardError {
  const stamp = Number.isFinite(time) ? new Date(time).toISOString() : 'none';
  return new TrainyardError(
    'ENSEMBLE_MISMATCH',
    `The rows of ${name} and those of the ensemble are not the same: ${isItsOwn ? 'only the member has' : 'the member lacks'} ${stamp}; combine models whose assets and data.join give the same rows`,
    { member: name, time: stamp },
  );
}

/** The column over the rows of the ensemble and `ahead` more; NaN where the member has none. */
export function placeColumn(column: Float64Array, { from, at }: RowPlace, rows: number): Float64Array {
  if (from === at && column.length === rows) return column;
  const placed = new Float64Array(rows).fill(NaN);
  placed.set(column.subarray(from, from + rows - at), at);
  return placed;
}
