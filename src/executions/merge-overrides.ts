import type { TemplateParameters } from '../templates/index.js';
import type { Overrides } from './execution.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The overrides of a clone: the new ones over those of the source, field by field, lists as a whole. Another algorithm
 * or another way to split drops what the source said about the old one, as an override does to a template; so does another
 * origin of a warm start.
 */
export function mergeOverrides(
  source: { readonly overrides: Overrides; readonly parameters: TemplateParameters },
  changes: Overrides,
): Overrides {
  const { algorithm, split } = source.parameters;
  const kept = { ...source.overrides };
  if (isChanged(changes.algorithm, 'name', algorithm.name)) delete kept.algorithm;
  if (isChanged(changes.split, 'by', split.by)) delete kept.split;
  const merged = merge(kept, changes);
  const { warmStart } = isFields(changes.training) ? changes.training : {};
  const namesOrigin =
    isFields(warmStart) && (typeof warmStart.model === 'string' || typeof warmStart.execution === 'string');
  // A version belongs to its model.
  return namesOrigin ? { ...merged, training: { ...(merged.training as Fields), warmStart } } : merged;
}

function isChanged(group: unknown, field: string, before: string): boolean {
  return isFields(group) && group[field] !== undefined && group[field] !== before;
}

function merge(under: Fields, over: Fields): Fields {
  const merged = new Map(Object.entries(under));
  for (const [name, value] of Object.entries(over)) {
    const below = merged.get(name);
    merged.set(name, isFields(below) && isFields(value) ? merge(below, value) : value);
  }
  return Object.fromEntries(merged);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
