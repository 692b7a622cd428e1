import type { Page, PageRequest } from '../common/page.js';
import type { TableColumn } from '../common/tables/index.js';
import type { Prediction } from './prediction.js';

/** Predictions may have a hundred kilobytes each: so many are held at once. */
const PAGE = 50;

/**
 * Predictions as a table, a page at a time: one row for each asset and step, with the time that is forecast, when and by
 * which model version. The first block is there even when nothing has been predicted.
 */
export async function* predictionBlocks(
  list: (page: PageRequest) => Promise<Page<Prediction>>,
  assets: readonly string[] | null,
): AsyncGenerator<TableColumn[]> {
  let cursor: string | null = null;
  do {
    const page: Page<Prediction> = await list({ limit: PAGE, cursor });
    yield columnsOf(page.items, assets);
    cursor = page.cursor;
  } while (cursor !== null);
}

function columnsOf(predictions: readonly Prediction[], assets: readonly string[] | null): TableColumn[] {
  const steps = predictions.flatMap((prediction) =>
    prediction.forecasts
      .filter(({ asset }) => assets === null || assets.includes(asset))
      .flatMap(({ asset, times, mean, gapProbability }) =>
        times.map((time, at) => ({
          prediction,
          asset,
          time,
          step: at + 1,
          mean: mean[at] ?? NaN,
          gap: gapProbability?.[at] ?? NaN,
        })),
      ),
  );
  const texts = (name: string, of: (step: (typeof steps)[number]) => string): TableColumn => ({
    name,
    kind: 'text',
    values: steps.map(of),
  });
  const numbers = (
    name: string,
    kind: 'time' | 'number',
    of: (step: (typeof steps)[number]) => number,
  ): TableColumn => ({ name, kind, values: Float64Array.from(steps, of) });
  return [
    numbers('time', 'time', ({ time }) => Date.parse(time)),
    texts('asset', ({ asset }) => asset),
    numbers('mean', 'number', ({ mean }) => mean),
    numbers('gapProbability', 'number', ({ gap }) => gap),
    numbers('step', 'number', ({ step }) => step),
    numbers('origin', 'time', ({ prediction }) => Date.parse(prediction.origin)),
    numbers('createdAt', 'time', ({ prediction }) => Date.parse(prediction.createdAt)),
    texts('predictionId', ({ prediction }) => prediction.predictionId),
    texts('model', ({ prediction }) => prediction.model),
    numbers('modelVersion', 'number', ({ prediction }) => prediction.modelVersion),
  ];
}
