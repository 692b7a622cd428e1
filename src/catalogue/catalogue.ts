import { ALGORITHMS, algorithmsFor, TASKS } from '../ml/algorithms/algorithms.js';
import { FEATURE_STEPS } from '../ml/features/feature-steps.js';
import type { ParameterSpace } from '../ml/parameters.js';
import { resolveParameters } from '../ml/resolve-parameters.js';
import { TRANSFORMS } from '../ml/transforms/transforms.js';
import type { AlgorithmDto, FeatureStepDto, ParameterDto, TransformDto } from './dto/catalogue.dto.js';

export function listAlgorithms(): AlgorithmDto[] {
  return ALGORITHMS.map(({ name, title, description, family, hyperparameters, ...algorithm }) => ({
    name,
    title,
    description,
    family,
    usesFeatures: algorithm.usesFeatures,
    usesWeights: algorithm.usesWeights,
    usesKnownFuture: algorithm.usesKnownFuture === true,
    tasks: TASKS.filter((task) => algorithmsFor(task).includes(name)),
    startsWarm: algorithm.warmStart !== undefined,
    hyperparameters: listParameters(hyperparameters),
  }));
}

export function listFeatureSteps(): FeatureStepDto[] {
  return FEATURE_STEPS.map((step) => {
    const defaults = resolveParameters(step.parameters, {}, step.name);
    return {
      name: step.name,
      title: step.title,
      description: step.description,
      codeVersion: step.codeVersion,
      scope: step.scope,
      requiredColumns: [...(step.requiredColumns?.(defaults) ?? [])],
      columns: [...step.columnNames(defaults)],
      warmUpRows: step.warmUp(defaults),
      parameters: listParameters(step.parameters),
    };
  });
}

export function listTransforms(): TransformDto[] {
  return TRANSFORMS.map(({ name, title, description, kind, appliesTo, parameters }) => ({
    name,
    title,
    description,
    kind,
    appliesTo,
    parameters: listParameters(parameters),
  }));
}

/** A space as a list, in declared order; the scale of a number is always stated. */
function listParameters(space: ParameterSpace): ParameterDto[] {
  return Object.entries(space).map(([name, declaration]) => {
    const numeric = declaration.kind === 'integer' || declaration.kind === 'number';
    return { name, ...declaration, ...(numeric ? { scale: declaration.scale ?? 'linear' } : {}) };
  });
}
