import { TrainyardError } from '../common/errors/index.js';
import type { PlannedAsset } from '../ml/processing/processing-plan.js';
import type { AssetSelection } from '../templates/index.js';

/** The assets of some classes. */
export interface ClassSelection {
  readonly assetClasses: readonly string[];
  /**
   * Nobody asked for these classes, they are a default: those that the data lacks are no error, and where it has none of
   * them, or no classes at all, every asset is meant.
   */
  readonly isDefault: boolean;
  /** Where the classes stand in the template. */
  readonly path: string;
}

export function isClassSelection(selection: AssetSelection | ClassSelection): selection is ClassSelection {
  return typeof selection === 'object' && 'assetClasses' in selection;
}

/** The ids of the planned assets of these classes; PARAMETER_INVALID for a class that was asked for and is none's. */
export function selectClasses(selection: ClassSelection, planned: readonly PlannedAsset[]): string[] {
  const { assetClasses, isDefault, path } = selection;
  const known = [...new Set(planned.flatMap(({ assetClass }) => (assetClass === null ? [] : [assetClass])))];
  const unknown = assetClasses.find((name) => !known.includes(name));
  if (unknown !== undefined && !isDefault) {
    const remedy =
      known.length > 0
        ? `they have ${known.join(', ')}`
        : 'they have no classes: give them some at the import, or leave this field out for all assets';
    throw new TrainyardError('PARAMETER_INVALID', `${path} names ${unknown}, the class of no base asset; ${remedy}`, {
      path,
      value: unknown,
      known,
    });
  }
  const chosen = planned.filter(({ assetClass }) => assetClass !== null && assetClasses.includes(assetClass));
  return (chosen.length === 0 ? planned : chosen).map(({ id }) => id);
}
