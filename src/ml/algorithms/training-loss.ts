import { TrainyardError } from '../../common/errors/index.js';
import type { WindowedData } from '../windows/windowed-data.js';
import type { Forecaster, TrainingContext } from './algorithm.js';

/** Windows forecast at once: bounds the memory of a long part. */
const WINDOWS_AT_ONCE = 512;

/**
 * Mean squared error in scaled units over every window of `origins`, every horizon step and every target: the loss that
 * algorithms minimise and report. Imputed rows count, as they do in training; scores are the evaluation's business.
 * Null when there is no window.
 */
export async function meanSquaredError(
  data: WindowedData,
  forecaster: Forecaster,
  origins: Int32Array,
  context: TrainingContext,
): Promise<number | null> {
  if (origins.length === 0) return null;
  const { horizon, targets } = data;
  let sum = 0;
  for await (const { block, forecasts } of forecastBlocks(data, forecaster, origins, context)) {
    let at = 0;
    for (const origin of block) {
      for (let step = 1; step <= horizon; step++) {
        for (const column of targets.columns) {
          const error = forecasts[at++]! - column[origin + step]!;
          sum += error * error;
        }
      }
    }
  }
  return sum / (origins.length * horizon * targets.columns.length);
}

/** The forecasts of `origins`, [block, horizon, targets] at a time; may be cancelled in between. */
export async function* forecastBlocks(
  data: WindowedData,
  forecaster: Forecaster,
  origins: Int32Array,
  context: TrainingContext,
): AsyncGenerator<{ readonly block: Int32Array; readonly forecasts: Float64Array }> {
  for (let from = 0; from < origins.length; from += WINDOWS_AT_ONCE) {
    throwIfCancelled(context);
    const block = origins.subarray(from, from + WINDOWS_AT_ONCE);
    yield { block, forecasts: await forecaster.forecast(data.inputs, block, data.future) };
    await context.breathe();
  }
}

export function throwIfCancelled(context: TrainingContext): void {
  if (context.isCancelled()) throw new TrainyardError('CANCELLED', 'The training was cancelled.');
}
