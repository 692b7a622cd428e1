import { TrainyardError } from '../common/errors/index.js';
import type { DatasetVersion } from '../datasets/index.js';
import { closestFields } from './closest-fields.js';
import type { TemplateParameters } from './template-parameters.js';

/** `ASSET_UNKNOWN`, `COLUMN_UNKNOWN`: what a template names must be in the dataset version. */
export function assertFitsDataset(parameters: TemplateParameters, dataset: DatasetVersion): void {
  const { data, features } = parameters;
  const known = dataset.assets.map(({ id }) => id);
  const named: readonly (readonly [string, string | readonly string[]])[] = [
    ['data.targets', data.targets],
    ['data.baseAssets', data.baseAssets],
    ['features.lags.assets', features.lags.assets],
    ['features.technicalAnalysis.assets', features.technicalAnalysis.assets],
    ['features.arima.assets', features.arima.assets],
    ['features.knownFuture.assets', features.knownFuture.assets],
  ];
  const ids = new Set(known);
  for (const [path, selection] of named) {
    const unknown = typeof selection === 'string' ? undefined : selection.find((asset) => !ids.has(asset));
    if (unknown !== undefined) throw assetUnknown(path, unknown, known, dataset);
  }
  assertColumn(parameters, dataset);
}

function assetUnknown(path: string, asset: string, known: readonly string[], dataset: DatasetVersion): TrainyardError {
  const closest = closestFields(asset, known);
  const remedy =
    closest.length > 0 ? `did you mean ${closest.join(' or ')}?` : `it has ${known.slice(0, 10).join(', ')}`;
  return new TrainyardError(
    'ASSET_UNKNOWN',
    `${path} names ${asset}, which is not in dataset ${dataset.datasetId} version ${dataset.version}: ${remedy}`,
    { path, value: asset, datasetId: dataset.datasetId, datasetVersion: dataset.version, closest },
  );
}

/** A named column must be in every asset that goes in, since each has one main column. */
function assertColumn({ data }: TemplateParameters, dataset: DatasetVersion): void {
  const { column, baseAssets, targets } = data;
  if (column === null) return;
  const going = new Set(baseAssets === 'all' ? dataset.assets.map(({ id }) => id) : [...baseAssets, ...targets]);
  const without = dataset.assets.find(({ id, columns }) => going.has(id) && !columns.includes(column));
  if (without === undefined) return;
  throw new TrainyardError(
    'COLUMN_UNKNOWN',
    `data.column is ${column}, and asset ${without.id} has only ${without.columns.join(', ')}: name one of them, or leave the asset out of data.baseAssets`,
    { path: 'data.column', value: column, asset: without.id, columns: without.columns },
  );
}
