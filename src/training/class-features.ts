import { TrainyardError } from '../common/errors/index.js';
import type { PlannedAsset, PlannedFeature } from '../ml/processing/processing-plan.js';

/**
 * The class of each asset as constant columns, one for each class: 1 for the assets of the class, 0 for the others.
 * Assets without a class have 0 in all. `PARAMETER_INVALID` when there is nothing to tell apart.
 */
export function planClassFeatures(assets: readonly PlannedAsset[]): PlannedFeature[] {
  const classes = [...new Set(assets.map(({ assetClass }) => assetClass))];
  const named = classes.filter((name) => name !== null).sort();
  if (classes.length < 2) {
    const path = 'features.assetClass';
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `${path} tells classes apart, and ${named.length === 0 ? 'no base asset has a class' : `all base assets are of the class ${named[0]}`}: ` +
        'give the assets classes at the import, add assets of other classes, or leave it out',
      { path, value: true, classes: named },
    );
  }
  const labels = columnLabels(named);
  return named.flatMap((name, n) =>
    [1, 0].flatMap((value): PlannedFeature[] => {
      const chosen = assets.filter(({ assetClass }) => (assetClass === name) === (value === 1)).map(({ id }) => id);
      return chosen.length === 0
        ? []
        : [{ step: 'constant', parameters: { label: labels[n]!, value }, assets: chosen }];
    }),
  );
}

/** `class_FX`, `class_Fixed_Income`; a number goes after names that would be alike. */
function columnLabels(classes: readonly string[]): string[] {
  const taken = new Set<string>();
  return classes.map((name) => {
    const plain = `class_${name.replace(/[^A-Za-z0-9]+/g, '_').slice(0, 48)}`;
    let label = plain;
    for (let n = 2; taken.has(label); n++) label = `${plain}_${n}`;
    taken.add(label);
    return label;
  });
}
