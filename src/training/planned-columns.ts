import { codeNames, type AutoencoderPlan } from '../ml/autoencoder/autoencoder-plan.js';
import { plannedColumnNames } from '../ml/processing/compute-features.js';
import type { KnownFuturePlan, PlannedAsset, PlannedFeature } from '../ml/processing/processing-plan.js';
import { exceeded, invalid } from './plan-checks.js';

/** Without `units` the code has a quarter of the columns that it compresses, from 1 to 8. */
export type AskedAutoencoder = Omit<AutoencoderPlan, 'units'> & { readonly units: number | null };

const MAXIMUM_DEFAULT_UNITS = 8;

export function planAutoencoder(
  asked: AskedAutoencoder | null,
  assets: readonly PlannedAsset[],
  features: readonly PlannedFeature[],
): AutoencoderPlan | null {
  if (asked === null) return null;
  const made = features.reduce((sum, feature) => sum + plannedColumnNames(feature).length, 0);
  const columns = made + (asked.series ? assets.length : 0);
  const units = asked.units ?? Math.min(MAXIMUM_DEFAULT_UNITS, Math.max(1, Math.ceil(columns / 4)));
  if (units < columns) return { ...asked, units };
  throw invalid(
    'features.autoencoder.units',
    units,
    `must be fewer than the ${columns} column${columns === 1 ? '' : 's'} it compresses: lower it, add feature steps, or set features.autoencoder.series`,
  );
}

/** Column names identify inputs in models and at inference: two of the same name would be mistaken for each other. */
export function checkColumns(
  assets: readonly PlannedAsset[],
  features: readonly PlannedFeature[],
  autoencoder: AutoencoderPlan | null,
  limit: number,
): void {
  const names = new Set(assets.map(({ id }) => id));
  const made = features.map((feature) => ({ path: `features.${feature.step}`, columns: plannedColumnNames(feature) }));
  if (autoencoder !== null) made.push({ path: 'features.autoencoder', columns: codeNames(autoencoder.units) });
  for (const { path, columns } of made) {
    for (const name of columns) {
      if (names.has(name)) throw invalid(path, name, 'makes a column that exists already');
      names.add(name);
    }
  }
  if (names.size > limit) throw exceeded('features', names.size, 'input columns', limit, 'TRAINYARD_LIMIT_COLUMNS');
}

/** Known assets in plan order; null when nothing is known in advance. */
export function planKnownFuture(
  { assets, calendar }: KnownFuturePlan,
  planned: readonly PlannedAsset[],
  targets: readonly string[],
): KnownFuturePlan | null {
  if (assets.length === 0 && !calendar) return null;
  for (const id of assets) {
    const path = 'features.knownFuture.assets';
    if (targets.includes(id)) throw invalid(path, id, 'is forecast and so not known in advance: leave it out');
    if (!planned.some((asset) => asset.id === id))
      throw invalid(path, id, 'is no base asset: add it to data.baseAssets');
  }
  return { assets: planned.filter(({ id }) => assets.includes(id)).map(({ id }) => id), calendar };
}
