import { TrainyardError } from '../common/errors/index.js';
import type { DatasetVersion } from '../datasets/index.js';
import type { AssetSelection, TemplateParameters } from '../templates/index.js';

const SHOWN = 10;

/**
 * `ASSET_UNKNOWN` or `COLUMN_UNKNOWN` unless the dataset version has all that the parameters name: nothing is queued
 * that could only fail. What depends on the rows themselves is the training's to find out.
 */
export function checkDatasetFit(parameters: TemplateParameters, dataset: DatasetVersion): void {
  const { data, features } = parameters;
  const selections: readonly (readonly [string, AssetSelection])[] = [
    ['data.targets', data.targets],
    ['data.baseAssets', data.baseAssets],
    ['features.lags.assets', features.lags.enabled ? features.lags.assets : 'all'],
    [
      'features.technicalAnalysis.assets',
      features.technicalAnalysis.enabled ? features.technicalAnalysis.assets : 'all',
    ],
  ];
  const columnsByAsset = new Map(dataset.assets.map(({ id, columns }) => [id, columns]));
  for (const [path, selection] of selections) {
    if (typeof selection === 'string') continue;
    const unknown = selection.filter((asset) => !columnsByAsset.has(asset));
    if (unknown.length > 0) throw assetUnknown(path, unknown, dataset);
  }
  const { column } = data;
  if (column === null) return;
  const used = data.baseAssets === 'all' ? [...columnsByAsset.keys()] : [...data.targets, ...data.baseAssets];
  const without = used.filter((asset) => !columnsByAsset.get(asset)?.includes(column));
  if (without.length > 0) throw columnUnknown(column, without, columnsByAsset.get(without[0] ?? '') ?? [], dataset);
}

function assetUnknown(path: string, unknown: readonly string[], dataset: DatasetVersion): TrainyardError {
  const available = dataset.assets.map(({ id }) => id);
  return new TrainyardError(
    'ASSET_UNKNOWN',
    `${path} names ${enumerate(unknown)}, which ${describe(dataset)} does not have; it has ${enumerate(available)}`,
    { path, unknown, available: available.slice(0, SHOWN), datasetId: dataset.datasetId, version: dataset.version },
  );
}

function columnUnknown(
  column: string,
  assets: readonly string[],
  available: readonly string[],
  dataset: DatasetVersion,
): TrainyardError {
  return new TrainyardError(
    'COLUMN_UNKNOWN',
    `data.column is "${column}", which ${enumerate(assets)} in ${describe(dataset)} does not have; ${assets[0]} has ${enumerate(available)}: name one that all used assets have, or list those that have it in data.baseAssets`,
    { path: 'data.column', column, assets: assets.slice(0, SHOWN), available: available.slice(0, SHOWN) },
  );
}

function describe({ name, version }: DatasetVersion): string {
  return `dataset "${name}" version ${version}`;
}

function enumerate(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).map((name) => `"${name}"`);
  return names.length > SHOWN ? `${shown.join(', ')} and ${names.length - SHOWN} more` : shown.join(', ');
}
