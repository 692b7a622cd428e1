import type { PartRows } from '../processing/processing-plan.js';
import type { WindowOrigins } from '../windows/window-origins.js';

/**
 * Interpolation looks across a gap, so a row inside one is final only once the gap is over: `settledAt[r]` ≥ r is the
 * first row at which row r no longer changes, whatever comes. Null where every row is final at once.
 */
export type SettledAt = Int32Array | null;

/** The later of two, row by row. */
export function laterSettled(left: SettledAt, right: SettledAt): SettledAt {
  if (left === null || right === null) return left ?? right;
  return left.map((row, at) => Math.max(row, right[at]!));
}

/** 1 for every row t at which all rows up to t are final: what a forecast made at t may look at. */
export function settledRows(settledAt: Int32Array): Uint8Array {
  const settled = new Uint8Array(settledAt.length);
  let latest = -1;
  for (let row = 0; row < settled.length; row++) {
    latest = Math.max(latest, settledAt[row]!);
    settled[row] = latest <= row ? 1 : 0;
  }
  return settled;
}

/**
 * The origins of windows that hold nothing of the future. Features carry what they are made of as far as they look
 * back, and some for ever, so an origin t stays only when every row up to t is final at t: then whatever its window
 * holds is a function of rows ≤ t. The rows it forecasts must be final within its own part: an interpolated target that
 * spans the end of the train part would bring in values of the validation part. `knownFuture`: and they are read by the
 * forecast, so none of them may depend on rows after the last one of the horizon.
 */
export function settledOrigins(
  origins: WindowOrigins,
  settledAt: SettledAt,
  parts: PartRows,
  horizon: number,
  knownFuture = false,
): WindowOrigins {
  if (settledAt === null) return origins;
  const settled = settledRows(settledAt);
  const keep = (part: keyof WindowOrigins): Int32Array =>
    origins[part].filter((origin) => {
      if (settled[origin] !== 1) return false;
      const end = knownFuture ? origin + horizon + 1 : parts[part].end;
      for (let row = origin + 1; row <= origin + horizon; row++) if (settledAt[row]! >= end) return false;
      return true;
    });
  return { ...origins, train: keep('train'), validation: keep('validation'), test: keep('test') };
}

/** The end of the train part as far as its rows are final within it: what transforms may be fitted on. */
export function settledEnd(settledAt: SettledAt, { train }: PartRows): number {
  if (settledAt === null) return train.end;
  for (let row = train.start; row < train.end; row++) if (settledAt[row]! >= train.end) return row;
  return train.end;
}
