import { deserialize, serialize } from 'node:v8';
import { TrainyardError } from '../common/errors/index.js';
import type { FinishedWindow } from '../ml/evaluation/backtest/finished-window.js';

/**
 * The windows of a backtest that are finished, as bytes: numbers and arrays of numbers come back bit for bit, which JSON
 * does not promise of −0. Each window is written once (`encodeWindow`) and joined to the others as often as one is added.
 */
export function joinWindows(windows: readonly Uint8Array[]): Uint8Array {
  return serialize({ format: 1, windows });
}

export function encodeWindow(window: FinishedWindow): Uint8Array {
  return serialize(window);
}

export interface KeptWindows {
  readonly windows: readonly FinishedWindow[];
  /** As they were written, to go on with. */
  readonly encoded: readonly Uint8Array[];
}

/** `ARTIFACT_CORRUPT` when the bytes are not finished windows of a format that this version knows. */
export function readWindows(content: Uint8Array): KeptWindows {
  try {
    const { format, windows } = deserialize(content) as Readonly<Record<string, unknown>>;
    if (format !== 1 || !Array.isArray(windows)) {
      throw new Error(`their format is ${String(format)}; this version reads format 1`);
    }
    const encoded = windows as Uint8Array[];
    return { encoded, windows: encoded.map((one) => deserialize(one) as FinishedWindow) };
  } catch (cause) {
    const fault = cause instanceof Error ? cause.message : String(cause);
    throw new TrainyardError(
      'ARTIFACT_CORRUPT',
      `These bytes are not the finished windows of a backtest: ${fault}.`,
      { what: 'finished windows', fault },
      { cause },
    );
  }
}
