import type { Page, PageRequest } from '../common/page.js';
import type { TableColumn } from '../common/tables/index.js';
import { DIRECTIONS } from '../ml/windows/direction-labels.js';
import type { Prediction } from './prediction.js';

/** Predictions may have a hundred kilobytes each: so many are held at once. */
const PAGE = 50;

/**
 * Predictions as a table, a page at a time: one row for each asset and step, with the time that is forecast, when and by
 * which model version. An interval of coverage 0.8 stands in the columns `lower_0.8` and `upper_0.8`; every block has
 * those of all predictions, so these are read twice; likewise `direction` and `probability_down`, `…_flat`, `…_up` where
 * a model of the endpoint told directions. The first block is there even when nothing has been predicted.
 */
export async function* predictionBlocks(
  list: (page: PageRequest) => Promise<Page<Prediction>>,
  assets: readonly string[] | null,
): AsyncGenerator<TableColumn[]> {
  const coverages = new Set<number>();
  let tellsDirections = false;
  for await (const predictions of pages(list)) {
    tellsDirections ||= predictions.some(({ forecasts }) => forecasts.some(({ direction }) => direction !== undefined));
    const intervals = predictions.flatMap(({ forecasts }) => forecasts.flatMap((forecast) => forecast.intervals));
    for (const { coverage } of intervals) coverages.add(coverage);
  }
  const ascending = [...coverages].sort((one, other) => one - other);
  for await (const predictions of pages(list)) yield columnsOf(predictions, assets, ascending, tellsDirections);
}

async function* pages(list: (page: PageRequest) => Promise<Page<Prediction>>): AsyncGenerator<readonly Prediction[]> {
  let cursor: string | null = null;
  do {
    const page: Page<Prediction> = await list({ limit: PAGE, cursor });
    yield page.items;
    cursor = page.cursor;
  } while (cursor !== null);
}

function columnsOf(
  predictions: readonly Prediction[],
  assets: readonly string[] | null,
  coverages: readonly number[],
  tellsDirections: boolean,
): TableColumn[] {
  const steps = predictions.flatMap((prediction) =>
    prediction.forecasts
      .filter(({ asset }) => assets === null || assets.includes(asset))
      .flatMap(({ asset, times, mean, probabilities, direction, gapProbability, intervals }) =>
        times.map((time, at) => ({
          prediction,
          asset,
          time,
          step: at + 1,
          at,
          intervals,
          mean: mean?.[at] ?? NaN,
          probabilities,
          direction: direction?.[at] ?? '',
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
    ...(tellsDirections
      ? [
          texts('direction', ({ direction }) => direction),
          ...DIRECTIONS.map((one) =>
            numbers(`probability_${one}`, 'number', ({ probabilities, at }) => probabilities?.[one][at] ?? NaN),
          ),
        ]
      : []),
    ...coverages.flatMap((coverage) =>
      (['lower', 'upper'] as const).map((end) =>
        numbers(`${end}_${coverage}`, 'number', ({ intervals, at }) => {
          return intervals.find((interval) => interval.coverage === coverage)?.[end][at] ?? NaN;
        }),
      ),
    ),
    numbers('gapProbability', 'number', ({ gap }) => gap),
    numbers('step', 'number', ({ step }) => step),
    numbers('origin', 'time', ({ prediction }) => Date.parse(prediction.origin)),
    numbers('createdAt', 'time', ({ prediction }) => Date.parse(prediction.createdAt)),
    texts('predictionId', ({ prediction }) => prediction.predictionId),
    texts('model', ({ prediction }) => prediction.model),
    numbers('modelVersion', 'number', ({ prediction }) => prediction.modelVersion),
    texts('variant', ({ prediction }) => prediction.variant ?? ''),
    texts('shadowOf', ({ prediction }) => prediction.shadowOf ?? ''),
  ];
}
