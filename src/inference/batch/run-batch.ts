import { TrainyardError, isTrainyardError } from '../../common/errors/index.js';
import { coveragesOf } from '../../ml/evaluation/forecast-intervals.js';
import { LoadedModel } from '../loaded-model.js';
import { batchColumns, type BatchForecast } from './batch-columns.js';
import { batchOrigins, framesAt } from './batch-origins.js';
import type { BatchMessage, BatchOrder, SkippedOrigin } from './protocol.js';

/** Rows of a block: what is held at once, and what is written as one artifact. */
const BLOCK_ROWS = 20_000;

/**
 * Forecasts from every origin, each made by the very function that answers requests, from the rows up to its origin: equal
 * to what the endpoint said at the time, bit for bit. So features are computed from the beginning for each origin. An
 * origin that nothing can be forecast from (its window has a large gap, or is too short) is skipped and counted.
 */
export async function runBatch(
  order: BatchOrder,
  isCancelled: () => boolean,
  post: (message: BatchMessage) => void,
): Promise<void> {
  const { bundle, frames, assets, maximumRows } = order;
  const { state, intervals } = bundle;
  const origins = batchOrigins(order);
  const rowsOfOrigin = assets.length * state.horizon;
  const rows = origins.length * rowsOfOrigin;
  if (rows > maximumRows) {
    throw new TrainyardError(
      'LIMIT_EXCEEDED',
      `${origins.length} origins of ${assets.length} assets and ${state.horizon} steps are ${rows} rows, and the limit is ${maximumRows}: narrow from and to, raise the stride, or name fewer assets`,
      { rows, limit: maximumRows },
    );
  }
  const all = intervals === null ? [] : state.targets.flatMap((_, target) => coveragesOf(intervals, target));
  const coverages = [...new Set(all)].sort((one, other) => one - other);
  const columnsOf = (made: readonly BatchForecast[]) => batchColumns(made, coverages, state.task === 'direction');
  const model = await LoadedModel.load(bundle);
  let block: BatchForecast[] = [];
  let skipped = 0;
  let firstSkipped: SkippedOrigin | null = null;
  try {
    for (const [at, timeMs] of origins.entries()) {
      if (isCancelled()) throw new TrainyardError('CANCELLED', 'The batch forecast was cancelled');
      try {
        const { origin, forecasts } = await model.forecast(framesAt(frames, timeMs, bundle));
        block.push({ originMs: origin, forecasts: forecasts.filter(({ asset }) => assets.includes(asset)) });
      } catch (error) {
        if (!isTrainyardError(error)) throw error;
        skipped += 1;
        firstSkipped ??= { origin: new Date(timeMs).toISOString(), code: error.code, message: error.message };
      }
      if (block.length > 0 && block.length * rowsOfOrigin >= BLOCK_ROWS) {
        post({ type: 'block', columns: columnsOf(block) });
        block = [];
      }
      post({ type: 'progress', counts: { origins: origins.length, done: at + 1, skipped } });
    }
    if (block.length > 0) post({ type: 'block', columns: columnsOf(block) });
  } finally {
    model.dispose();
  }
  const counts = { origins: origins.length, done: origins.length, skipped };
  post({ type: 'done', counts, firstSkipped });
}
