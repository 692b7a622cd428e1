import type { ModelState } from '../algorithms/algorithm.js';
import type { InputMatrix, WindowedData } from '../windows/windowed-data.js';
import { memberLayouts } from './member-columns.js';
import type { FittedProcessing, KnownFuturePlan, ProcessingPlan } from './processing-plan.js';

export interface ProcessedEnsemble {
  readonly fitted: FittedProcessing;
  readonly data: WindowedData;
  readonly model: ModelState;
}

/**
 * The same ensemble without the members of weight 0, their columns and the assets that only they read: it forecasts the
 * same, and nothing is made or asked for that it does not use.
 */
export function withoutIdleMembers({ fitted, data, model }: ProcessedEnsemble): ProcessedEnsemble {
  const { ensemble } = model;
  if (ensemble === undefined || fitted.members === undefined) throw new Error('only an ensemble has members');
  const kept = ensemble.members.filter(({ weight }) => weight > 0);
  if (kept.length === ensemble.members.length) return { fitted, data, model };
  const members = kept.map(({ name }) => fitted.members!.find((member) => member.name === name)!);
  const pruned: FittedProcessing = {
    ...fitted,
    members,
    plan: planOver(
      fitted.plan,
      members.map((member) => member.fitted.plan),
    ),
  };
  const columns = [
    ...data.targets.names.keys(),
    ...kept.flatMap(({ inputs, targets }) => [
      ...inputs,
      ...targets.flatMap(({ series }) => series ?? []).sort((one, other) => one - other),
    ]),
  ];
  const inputs = columnsAt(data.inputs, columns);
  const places = kept.flatMap(({ future }) => future ?? []);
  const { future, ...rest } = data;
  const layouts = memberLayouts(pruned);
  return {
    fitted: pruned,
    data: { ...rest, inputs, ...(future && places.length > 0 && { future: columnsAt(future, places) }) },
    model: {
      ...model,
      inputs: inputs.names,
      ensemble: {
        ...ensemble,
        members: kept.map((member, at) => ({ ...layouts[at]!, weight: member.weight, model: member.model })),
      },
    },
  };
}

function columnsAt({ names, columns, assets, times }: InputMatrix, places: readonly number[]): InputMatrix {
  return {
    names: places.map((at) => names[at]!),
    columns: places.map((at) => columns[at]!),
    ...(assets && { assets: places.map((at) => assets[at]!) }),
    ...(times && { times }),
  };
}

/** The plan with the assets that its targets and the members read. */
function planOver(
  { knownFuture: _, assets, ...plan }: ProcessingPlan,
  members: readonly ProcessingPlan[],
): ProcessingPlan {
  const read = new Set([...plan.targets, ...members.flatMap((member) => member.assets.map(({ id }) => id))]);
  const knownFuture = knownByAny(members);
  return {
    ...plan,
    assets: assets.filter(({ id }) => read.has(id)),
    ...(knownFuture && { knownFuture }),
  };
}

/** What any of the plans knows in advance; undefined where none does. */
export function knownByAny(plans: readonly ProcessingPlan[]): KnownFuturePlan | undefined {
  const known = plans.flatMap(({ knownFuture }) => knownFuture ?? []);
  if (known.length === 0) return undefined;
  const assets = [...new Set(known.flatMap(({ assets }) => assets))];
  return { assets, calendar: known.some(({ calendar }) => calendar) };
}
