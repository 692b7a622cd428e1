import { ALGORITHMS } from '../ml/algorithms/algorithms.js';
import { resolveChain } from '../ml/transforms/resolve-chain.js';
import { ScalingParametersDto } from './dto/parameters/model-parameters.dto.js';
import { flattenFields } from './parameter-fields.js';
import type { FieldOrigin, TemplateParameters } from './template-parameters.js';

/** Where each leaf field has its value from, by path. `given` and `overrides` are nested and sparse. */
export function listOrigins(
  parameters: TemplateParameters,
  given: object,
  overrides: object = {},
): Record<string, FieldOrigin> {
  const written = flattenFields(given);
  const overridden = flattenFields(overrides);
  const origins = [...flattenFields(parameters).keys()].map((path): [string, FieldOrigin] => [
    path,
    overridden.has(path) ? 'override' : written.has(path) ? 'template' : 'default',
  ]);
  return Object.fromEntries(origins);
}

/** What is allowed and probably not meant. */
export function listWarnings(parameters: TemplateParameters): string[] {
  return [
    ...warnOfUnusedFeatures(parameters),
    ...warnOfUnusedWeights(parameters),
    ...warnOfUnusedKnownFuture(parameters),
    ...warnOfUnusedByDirection(parameters),
  ];
}

function warnOfUnusedKnownFuture({ algorithm, features }: TemplateParameters): string[] {
  const { assets, calendar } = features.knownFuture;
  const reads = ALGORITHMS.find(({ name }) => name === algorithm.name)?.usesKnownFuture === true;
  if (reads || (assets.length === 0 && !calendar)) return [];
  return [`${algorithm.name} reads nothing of the rows it forecasts: features.knownFuture will not be used`];
}

function warnOfUnusedWeights({ algorithm, windows }: TemplateParameters): string[] {
  const usesWeights = ALGORITHMS.find(({ name }) => name === algorithm.name)?.usesWeights ?? true;
  if (usesWeights || windows.halfLife === null) return [];
  return [`${algorithm.name} learns nothing from windows: windows.halfLife ${windows.halfLife} will not be used`];
}

function warnOfUnusedFeatures({ algorithm, features }: TemplateParameters): string[] {
  const { lags, calendar, technicalAnalysis, autoencoder } = features;
  const made = Object.entries({ lags, calendar, technicalAnalysis, autoencoder }).filter(([, { enabled }]) => enabled);
  const { usesFeatures = true, combines = false } = ALGORITHMS.find(({ name }) => name === algorithm.name) ?? {};
  const named = made.map(([name]) => `features.${name}`);
  if (features.steps.length > 0) named.push('features.steps');
  if (usesFeatures || named.length === 0) return [];
  const names = named.join(', ');
  if (combines) return [`${algorithm.name} reads what its members read: ${names} will not be used`];
  return [`${algorithm.name} reads the series of the targets only: ${names} will be computed and not used`];
}

/** Directions are of the values as they are, and have no band around them. */
function warnOfUnusedByDirection({ task, scaling }: TemplateParameters): string[] {
  if (task !== 'direction' || JSON.stringify(scaling.targets) === JSON.stringify(DEFAULT_SCALING)) return [];
  return [
    `the task direction forecasts no values: scaling.targets ${JSON.stringify(scaling.targets)} will not be used`,
  ];
}

const DEFAULT_SCALING = resolveChain(new ScalingParametersDto().targets!, 'scaling.targets');
