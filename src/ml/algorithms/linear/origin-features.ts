import type { WindowedData } from '../../windows/windowed-data.js';

/** A feature that every target has: its position among the input columns, per target. */
export interface OriginFeature {
  /** Without the asset, for example `RSI_14`; the column's own name where it depends on the time axis only. */
  readonly name: string;
  readonly columns: readonly number[];
}

/**
 * The features that a target may use at the origin: those of its own asset and those of the time axis; no asset's
 * series, since a target's own is in the window already. Only features that all targets have, in column order of the
 * first target, because shared weights mean the same feature for each.
 */
export function originFeatures(data: WindowedData): { features: OriginFeature[]; unused: string[] } {
  const { names, assets } = data.inputs;
  if (!assets) return { features: [], unused: names.filter((_, c) => !data.targets.inputs.includes(c)) };
  const candidates = new Map<string, number[]>();
  data.targets.names.forEach((target, k) => {
    names.forEach((name, c) => {
      const asset = assets[c] ?? null;
      const isSeries = name === asset;
      if (isSeries || (asset !== null && asset !== target)) return;
      const feature = asset === null ? name : name.slice(asset.length + 1);
      const columns = candidates.get(feature) ?? [];
      if (columns.length === k) candidates.set(feature, [...columns, c]);
    });
  });
  const features = [...candidates]
    .filter(([, columns]) => columns.length === data.targets.names.length)
    .map(([name, columns]) => ({ name, columns }));
  const used = new Set([...data.targets.inputs, ...features.flatMap((feature) => feature.columns)]);
  return { features, unused: names.filter((_, c) => !used.has(c)) };
}
