import { isTrainyardError, TrainyardError } from '../common/errors/index.js';
import { validationFailed } from '../common/http/index.js';
import { assertNestingWithinLimit } from '../common/nesting.js';
import { assertSupportsTask, getAlgorithm } from '../ml/algorithms/algorithms.js';
import { getFeatureStep } from '../ml/features/feature-steps.js';
import { resolveParameters } from '../ml/resolve-parameters.js';
import { resolveChain } from '../ml/transforms/resolve-chain.js';
import { completeFields, describeMisfit } from './check-fields.js';
import { closestFields } from './closest-fields.js';
import { FeatureStepParametersDto } from './dto/parameters/feature-step-parameters.dto.js';
import { listOrigins, listWarnings } from './explain-parameters.js';
import { assertFieldsAgree, SPLIT_FIELDS, type TemplateLimits } from './field-agreement.js';
import {
  FIELD_PATHS,
  GROUP_PATHS,
  findMisfits,
  HYPERPARAMETERS,
  isFields,
  layFields,
  omitFields,
  type Fields,
} from './parameter-fields.js';
import type {
  FeatureStepParameters,
  ResolvedParameters,
  TemplateContent,
  TemplateParameters,
} from './template-parameters.js';

/** Fills in the defaults of what an author wrote and checks all of it. */
export function completeParameters(given: unknown, limits: TemplateLimits): TemplateParameters {
  const fields = completeFields(given) as unknown as TemplateParameters;
  const algorithm = atField('algorithm.name', () => getAlgorithm(fields.algorithm.name));
  const parameters: TemplateParameters = {
    ...fields,
    features: { ...fields.features, steps: fields.features.steps.map(completeStep) },
    scaling: {
      inputs: resolveChain(fields.scaling.inputs, 'scaling.inputs'),
      targets: resolveChain(fields.scaling.targets, 'scaling.targets'),
    },
    algorithm: {
      name: fields.algorithm.name,
      hyperparameters: resolveParameters(algorithm.hyperparameters, fields.algorithm.hyperparameters, HYPERPARAMETERS),
    },
  };
  assertSupportsTask(algorithm, parameters.task);
  assertFieldsAgree(parameters, limits);
  return parameters;
}

/** A step of `features.steps` with the defaults of its own that the catalogue declares. */
function completeStep(given: SparseStep, at: number): FeatureStepParameters {
  const path = `features.steps[${at}]`;
  const unknown = Object.keys(given).find((field) => !STEP_FIELDS.includes(field));
  if (unknown !== undefined) {
    throw validationFailed([
      { path: `${path}.${unknown}`, value: (given as Fields)[unknown], message: 'there is no such field' },
    ]);
  }
  const { parameters } = atField(`${path}.step`, () => getFeatureStep(given.step));
  return {
    step: given.step,
    parameters: resolveParameters(parameters, given.parameters ?? {}, `${path}.parameters`),
    assets: given.assets ?? 'all',
    references: given.references ?? 'targets',
  };
}

/** As an author may write it. */
type SparseStep = Partial<FeatureStepParameters> & Pick<FeatureStepParameters, 'step'>;

const STEP_FIELDS: readonly string[] = Object.keys(new FeatureStepParametersDto()).concat('step');

/**
 * Lays overrides over a template version: defaults ← template ← overrides, field by field, lists as a whole. Everything
 * is checked as if it had been written into the template.
 *
 * Two fields decide which others have a meaning, `algorithm.name` and `split.by`. Overriding one of them with another
 * value drops what the template says about the old choice (its hyperparameters, its shares or dates): a learning rate
 * that was good for one algorithm says nothing about another, even where both call it by the same name. What is dropped
 * falls back to the default of the new choice and has the origin `default`.
 */
export function resolveTemplate(
  template: TemplateContent,
  overrides: unknown,
  limits: TemplateLimits,
): ResolvedParameters {
  const over = overrides ?? {};
  // Overrides come over the socket too, where no body parser has looked at them.
  assertNestingWithinLimit(over);
  assertOverridesFit(over);
  const superseded = findSuperseded(template.parameters, over);
  const base = omitFields(template.parameters, [...superseded, ...RETIRED_FIELDS]);
  assertHyperparametersKnown(base, over);
  const parameters = completeParameters(layFields(base, over), limits);
  const origins = listOrigins(parameters, omitFields(template.given, superseded), over);
  return { parameters, origins, warnings: listWarnings(parameters) };
}

function assertOverridesFit(overrides: unknown): asserts overrides is Fields {
  const misfits = findMisfits(overrides);
  const unknown = misfits.find(({ kind }) => kind === 'unknown-field');
  if (unknown !== undefined) throw overrideUnknown(unknown.path, unknown.value, [...FIELD_PATHS, ...GROUP_PATHS]);
  if (misfits.length > 0) throw validationFailed(misfits.map((misfit) => describeMisfit(misfit, 'overrides')));
}

/** Hyperparameters are named by the algorithm that will run, so the overrides' own choice counts first. */
function assertHyperparametersKnown(base: Fields, overrides: Fields): void {
  const { name } = layFields(base.algorithm as Fields, (overrides.algorithm ?? {}) as Fields);
  const given = (overrides.algorithm as Fields | undefined)?.hyperparameters;
  if (typeof name !== 'string' || !isFields(given)) return;
  const known = Object.keys(atField('algorithm.name', () => getAlgorithm(name)).hyperparameters);
  const unknown = Object.keys(given).find((parameter) => !known.includes(parameter));
  if (unknown === undefined) return;
  throw overrideUnknown(
    `${HYPERPARAMETERS}.${unknown}`,
    given[unknown],
    known.map((parameter) => `${HYPERPARAMETERS}.${parameter}`),
  );
}

function overrideUnknown(path: string, value: unknown, known: readonly string[]): TrainyardError {
  const closest = closestFields(path, known);
  const remedy = closest.length === 0 ? 'see the fields of a template' : `did you mean ${closest.join(' or ')}?`;
  return new TrainyardError('OVERRIDE_UNKNOWN', `The override ${path} names no field of a template: ${remedy}`, {
    path,
    value,
    closest,
  });
}

/** Fields that templates were once saved with and that have lost their meaning. */
const RETIRED_FIELDS: readonly string[] = ['features.arima.trainShare'];

/** Paths whose values in the template belong to a choice that the overrides replace. */
function findSuperseded(template: TemplateParameters, overrides: Fields): readonly string[] {
  const algorithm = (overrides.algorithm as Fields | undefined)?.name;
  const by = (overrides.split as Fields | undefined)?.by;
  return [
    ...(algorithm === undefined || algorithm === template.algorithm.name ? [] : [HYPERPARAMETERS]),
    ...(by === undefined || by === template.split.by ? [] : SPLIT_FIELDS[template.split.by]),
    ...supersededOrigin((overrides.training as Fields | undefined)?.warmStart),
  ];
}

/** Another origin replaces the one before as a whole: a version belongs to its model. */
function supersededOrigin(warmStart: unknown): readonly string[] {
  if (!isFields(warmStart) || Object.keys(warmStart).length === 0) return [];
  const isOther = typeof warmStart.model === 'string' || typeof warmStart.execution === 'string';
  return isOther ? ['model', 'version', 'execution'].map((field) => `training.warmStart.${field}`) : [];
}

/** A name that is not in the catalogue is reported with the field that holds it. */
function atField<Found>(path: string, look: () => Found): Found {
  try {
    return look();
  } catch (error) {
    if (!isTrainyardError(error)) throw error;
    throw new TrainyardError(error.code, `${path}: ${error.message}`, { path, ...error.details });
  }
}
