import { codeNames } from '../autoencoder/autoencoder-plan.js';
import { plannedColumnNames } from '../processing/compute-features.js';
import type { FittedProcessing } from '../processing/processing-plan.js';
import type { ColumnImportance } from './feature-importance.js';

export type ColumnDescription = Pick<ColumnImportance, 'column' | 'asset' | 'assetClass' | 'step'>;

/** Where each input column of a model comes from, in their order. */
export function describeColumns({ plan, inputs }: Pick<FittedProcessing, 'plan' | 'inputs'>): ColumnDescription[] {
  const steps = new Map<string, string>();
  for (const feature of plan.features) {
    for (const name of plannedColumnNames(feature)) steps.set(name, feature.step);
  }
  for (const name of codeNames(plan.autoencoder?.units ?? 0)) steps.set(name, 'autoencoder');
  for (const { id } of plan.assets) steps.set(id, 'series');
  const classes = new Map(plan.assets.map(({ id, assetClass }) => [id, assetClass]));
  return inputs.map(({ name, asset }) => ({
    column: name,
    asset,
    assetClass: asset === null ? null : (classes.get(asset) ?? null),
    step: steps.get(name) ?? 'derived',
  }));
}

/** The same of the known-future covariates, whose names say that the values at the forecast rows are meant. */
export function describeFuture({ plan, future = [] }: Pick<FittedProcessing, 'plan' | 'future'>): ColumnDescription[] {
  return future.map(({ name, asset }) => ({
    column: `${name} (known future)`,
    asset,
    assetClass: plan.assets.find(({ id }) => id === asset)?.assetClass ?? null,
    step: 'known-future',
  }));
}
