import { TrainyardError } from '../common/errors/index.js';
import { getFeatureStep } from '../ml/features/feature-steps.js';
import type { ParameterValues } from '../ml/parameters.js';
import type { PlannedAsset, PlannedFeature } from '../ml/processing/processing-plan.js';
import type { AssetSelection } from '../templates/index.js';
import { isClassSelection, selectClasses, type ClassSelection } from './class-selection.js';
import { checkRequiredColumns, exceeded } from './plan-checks.js';

/** What the builder has to know of a dataset version. */
export interface BuilderData {
  readonly name: string;
  readonly assets: readonly {
    readonly id: string;
    readonly assetClass: string | null;
    readonly columns: readonly string[];
  }[];
}

/** A feature step as it was asked for: which assets it means is known when all of them are. */
export interface AskedFeature {
  readonly step: string;
  readonly parameters: ParameterValues;
  readonly assets: AssetSelection | ClassSelection;
  readonly references: AssetSelection;
}

export function getAsset(data: BuilderData, id: string): BuilderData['assets'][number] {
  const asset = data.assets.find((candidate) => candidate.id === id);
  if (asset !== undefined) return asset;
  const known = data.assets.map((candidate) => candidate.id);
  throw new TrainyardError(
    'ASSET_UNKNOWN',
    `${data.name} has no asset "${id}"; it has ${known.slice(0, 20).join(', ')}${known.length > 20 ? ', …' : ''}`,
    { asset: id, known: known.slice(0, 100) },
  );
}

/** The assets of a plan in the dataset's order, each with the column that is read of it: its first one without `column`. */
export function planAssets(
  data: BuilderData,
  asked: {
    readonly base: 'all' | readonly string[];
    readonly targets: readonly string[];
    readonly column: string | null;
  },
  limit: number,
): PlannedAsset[] {
  const chosen = asked.base === 'all' ? null : new Set([...asked.base, ...asked.targets]);
  const assets = data.assets.filter(({ id }) => chosen === null || chosen.has(id));
  if (assets.length > limit) {
    throw exceeded('data.baseAssets', assets.length, 'assets', limit, 'TRAINYARD_LIMIT_ASSETS');
  }
  return assets.map(({ id, assetClass, columns }) => {
    const column = asked.column ?? columns[0];
    if (column !== undefined && columns.includes(column)) return { id, assetClass, column };
    throw new TrainyardError(
      'COLUMN_UNKNOWN',
      `Asset ${id} has no column "${column ?? ''}"; it has ${columns.join(', ')}: choose another column or leave the asset out of data.baseAssets`,
      { asset: id, column, known: columns },
    );
  });
}

/** A feature step over the assets that it was asked for, in plan order. */
export function planFeature(
  { step: name, parameters, assets, references }: AskedFeature,
  planned: readonly PlannedAsset[],
  targets: readonly string[],
  data: BuilderData,
): PlannedFeature {
  const step = getFeatureStep(name);
  if (step.scope === 'axis') return { step: name, parameters, assets: [] };
  const chosen = selected(name, assets, planned, targets);
  const required = step.requiredColumns?.(parameters) ?? [];
  for (const id of chosen) checkRequiredColumns(name, getAsset(data, id), required);
  if (step.scope !== 'pair') return { step: name, parameters, assets: chosen };
  return { step: name, parameters, assets: chosen, references: selected(name, references, planned, targets) };
}

function selected(
  step: string,
  selection: AssetSelection | ClassSelection,
  planned: readonly PlannedAsset[],
  targets: readonly string[],
): string[] {
  const ids = planned.map(({ id }) => id);
  if (selection === 'all') return ids;
  if (isClassSelection(selection)) return selectClasses(selection, planned);
  const wanted = new Set(selection === 'targets' ? targets : selection);
  for (const id of wanted) {
    if (ids.includes(id)) continue;
    throw new TrainyardError(
      'ASSET_UNKNOWN',
      `Feature step ${step} is asked for asset ${id}, which is not among the base assets: add it to data.baseAssets`,
      { asset: id, step },
    );
  }
  return ids.filter((id) => wanted.has(id));
}
