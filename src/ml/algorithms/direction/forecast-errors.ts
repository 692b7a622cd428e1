import { TrainyardError } from '../../../common/errors/index.js';
import type { WindowedData } from '../../windows/windowed-data.js';
import type { Forecaster, StateTensor, TrainingContext } from '../algorithm.js';
import { forecastBlocks } from '../training-loss.js';

/** Errors that are kept of a step: more than these say nothing that two digits of a probability would show. */
const MOST_ERRORS = 200;

/**
 * Value less forecast of each target and step over the validation windows, or the train windows where there are none, in
 * scaled units: [targets, horizon, errors], ascending, evenly spaced in rank where there are more than `MOST_ERRORS`.
 * Observed values only; `WINDOWS_NONE` where a step has none.
 */
export async function forecastErrors(
  data: WindowedData,
  forecaster: Forecaster,
  context: TrainingContext,
): Promise<StateTensor> {
  const { horizon, targets } = data;
  const { train, validation } = data.origins;
  const judged = validation.length > 0 ? validation : train;
  const errors = targets.names.map(() => Array.from({ length: horizon }, (): number[] => []));
  for await (const { block, forecasts } of forecastBlocks(data, forecaster, judged, context)) {
    let at = 0;
    for (const origin of block) {
      for (let step = 0; step < horizon; step++) {
        for (const [k, ofTarget] of errors.entries()) {
          const error = targets.columns[k]![origin + 1 + step]! - forecasts[at++]!;
          if (targets.observed[k]![origin + 1 + step] === 1) ofTarget[step]!.push(error);
        }
      }
    }
  }
  const lists = errors.flat();
  const kept = lists.reduce((least, { length }) => Math.min(least, length), MOST_ERRORS);
  if (kept === 0) {
    const at = lists.findIndex(({ length }) => length === 0);
    const [asset, step] = [targets.names[Math.floor(at / horizon)]!, (at % horizon) + 1];
    throw new TrainyardError(
      'WINDOWS_NONE',
      `No value of ${asset} was observed ${step} rows after a ${validation.length > 0 ? 'validation' : 'train'} window, so nothing says how far forecasts are from it: move the split, or leave it out of the targets`,
      { part: validation.length > 0 ? 'validation' : 'train', asset, step },
    );
  }
  const tensor = new Float64Array(lists.length * kept);
  lists.forEach((list, at) => {
    const sorted = Float64Array.from(list).sort();
    for (let n = 0; n < kept; n++) tensor[at * kept + n] = sorted[Math.floor(((n + 0.5) * sorted.length) / kept)]!;
  });
  return { shape: [targets.names.length, horizon, kept], data: tensor };
}
