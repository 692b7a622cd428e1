import { TrainyardError } from '../common/errors/index.js';
import { knownByAny } from '../ml/processing/drop-members.js';
import type { PlannedAsset, ProcessingPlan, ScalingPlan } from '../ml/processing/processing-plan.js';
import { getTransform } from '../ml/transforms/transforms.js';
import type { PlannedChain } from '../ml/transforms/transform-chain.js';
import type { TemplateParameters } from '../templates/index.js';
import { MEMBERS_PATH } from './ensemble-members.js';
import { compareParts, tellDifferences } from './plan-differences.js';
import type { BuilderData } from './planned-assets.js';
import { ProcessingBuilder, type BuilderLimits } from './processing-builder.js';
import type { JobMember } from './worker/protocol.js';

/**
 * The plan of an ensemble: rows, parts, gaps and horizon as its template says; the assets are those of its members, which
 * make their own features. Forecasts are combined in original units, so its target scaling only says what scores in scaled
 * units are measured in: like feature columns, targets are scaled only.
 *
 * `ENSEMBLE_MISMATCH` for a member that forecasts something else, `PARAMETER_INVALID` for one that cannot be combined.
 */
export function ensemblePlan(
  parameters: TemplateParameters,
  data: BuilderData,
  limits: BuilderLimits,
  members: readonly JobMember[],
): ProcessingPlan {
  const plan = withoutFeatures(ProcessingBuilder.fromTemplate(parameters, data, limits));
  const assets = assetsOf(plan, data, members);
  members.forEach((member, at) => {
    const twin = members.findIndex(({ origin }) => origin.executionId === member.origin.executionId);
    if (twin !== at) throw invalid(member.name, `is the same model as ${members[twin]!.name}: name each once`);
    if (member.model.ensemble !== undefined)
      throw invalid(member.name, 'is an ensemble itself: name its members instead');
    assertFits(plan, member);
  });
  const knownFuture = knownByAny(members.map(({ fitted }) => fitted.plan));
  return {
    ...plan,
    assets,
    scaling: scaledOnly(plan.scaling),
    ...(knownFuture && { knownFuture }),
  };
}

function withoutFeatures({ autoencoder: _, knownFuture: __, ...plan }: ProcessingPlan): ProcessingPlan {
  return { ...plan, features: [] };
}

/** The targets and what any member reads, in the order of the dataset. */
function assetsOf(
  { assets, targets }: ProcessingPlan,
  data: BuilderData,
  members: readonly JobMember[],
): PlannedAsset[] {
  const read = new Map(assets.filter(({ id }) => targets.includes(id)).map((asset) => [asset.id, asset]));
  for (const { name, fitted } of members) {
    for (const asset of fitted.plan.assets) {
      const { id, column } = asset;
      const known = data.assets.find((one) => one.id === id);
      if (known === undefined || !known.columns.includes(column)) {
        throw new TrainyardError(
          known === undefined ? 'ASSET_UNKNOWN' : 'COLUMN_UNKNOWN',
          `${name} reads ${column} of ${id}, which dataset ${data.name} does not have: take the dataset it was trained on, or leave it out of ${MEMBERS_PATH}`,
          { member: name, asset: id, column },
        );
      }
      const other = read.get(id);
      if (other !== undefined && other.column !== column && !targets.includes(id)) {
        throw mismatch(name, `reads ${column} of ${id}, another member ${other.column}`, { asset: id });
      }
      if (other === undefined) read.set(id, asset);
    }
  }
  return data.assets.flatMap(({ id }) => read.get(id) ?? []);
}

function assertFits(plan: ProcessingPlan, { name, fitted }: JobMember): void {
  const differences = compareParts(comparable(plan), comparable(fitted.plan));
  if (differences.length > 0) throw mismatch(name, tellDifferences(differences), { differences });
}

/** What forecasts have to agree in to be of the same rows of the same series. */
function comparable({ targets, assets, axis, windows, task }: ProcessingPlan): Readonly<Record<string, unknown>> {
  return {
    task: task ?? 'forecast',
    'data.targets': [...targets].sort(),
    'data.column': assets.flatMap(({ id, column }) => (targets.includes(id) ? [`${id}: ${column}`] : [])).sort(),
    'data.join': axis.join,
    'data.step': axis.step ?? null,
    'data.aggregation': axis.aggregation ?? 'mean',
    'windows.horizon': windows.horizon,
  };
}

function scaledOnly({ targets }: ScalingPlan): ScalingPlan {
  const isScaler = (name: string): boolean => getTransform(name).appliesTo === 'any';
  const chain: PlannedChain =
    typeof targets === 'string' ? targets : targets.filter(({ transform }) => isScaler(transform));
  const isNone = typeof chain === 'string' ? !isScaler(chain) : chain.length === 0;
  return { inputs: 'none', targets: isNone ? 'none' : chain };
}

function invalid(name: string, rule: string): TrainyardError {
  return new TrainyardError('PARAMETER_INVALID', `${MEMBERS_PATH}: ${name} ${rule}`, {
    path: MEMBERS_PATH,
    value: name,
  });
}

function mismatch(name: string, what: string, details: Record<string, unknown>): TrainyardError {
  return new TrainyardError(
    'ENSEMBLE_MISMATCH',
    `${name} cannot be a member: ${what}. Set the template as there, or leave it out of ${MEMBERS_PATH}`,
    { member: name, ...details },
  );
}
