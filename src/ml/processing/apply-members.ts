import { TrainyardError } from '../../common/errors/index.js';
import type { AssetFrame, TimeFrame } from '../frame/time-frame.js';
import type { AppliedProcessing } from './applied-processing.js';
import { addFuture, framesOf, type FutureColumns } from './join-members.js';
import { memberColumns } from './member-columns.js';
import { placeColumn, placeRows } from './place-rows.js';
import type { FittedMember, FittedProcessing } from './processing-plan.js';

/**
 * The input of an ensemble for a forecast from the last row: its own processing `own`, and that of each member as if it
 * forecast alone, put side by side in the order of training. `ENSEMBLE_MISMATCH` when a member's rows have come to differ
 * from the ensemble's.
 */
export function applyMembers(
  members: readonly FittedMember[],
  own: AppliedProcessing,
  frames: readonly AssetFrame[],
  apply: (fitted: FittedProcessing, frames: readonly AssetFrame[]) => AppliedProcessing,
): AppliedProcessing {
  const { times, following } = own;
  const axis = new Float64Array(times.length + following.length);
  axis.set(times);
  axis.set(following, times.length);
  const [names, columns] = [[...own.inputs.names], [...own.inputs.columns]];
  const assets = [...(own.inputs.assets ?? [])];
  const future: FutureColumns = { names: [], columns: [], assets: [] };
  const given: (TimeFrame | undefined)[] = [];
  for (const member of members) {
    const its = apply(member.fitted, framesOf(member, frames));
    const place = placeRows(member.name, its.times, times);
    refuseOtherFollowing(member.name, its.following, following);
    const made = memberColumns(member, its.inputs, its.originals);
    names.push(...made.names);
    columns.push(...made.columns.map((column) => placeColumn(column, place, times.length)));
    assets.push(...made.assets);
    addFuture(future, member, its.known?.inputs, place, axis.length);
    given.push(its.known?.given);
  }
  const known = given.some((frame) => frame !== undefined)
    ? { inputs: future, given: mergeGiven(given, following) }
    : undefined;
  return { ...own, inputs: { names, columns, assets, times: axis }, known };
}

/** The values of each asset that any member knows in advance. */
function mergeGiven(frames: readonly (TimeFrame | undefined)[], times: Float64Array): TimeFrame {
  const columns = new Map<string, Float64Array>();
  for (const frame of frames) frame?.names.forEach((name, at) => columns.set(name, frame.columns[at]!));
  return { times, names: [...columns.keys()], columns: [...columns.values()] };
}

function refuseOtherFollowing(name: string, its: Float64Array, following: Float64Array): void {
  const at = its.findIndex((time, step) => time !== following[step]);
  if (at < 0) return;
  const [mine, other] = [following[at]!, its[at]!].map((time) => new Date(time).toISOString());
  throw new TrainyardError(
    'ENSEMBLE_MISMATCH',
    `Forecast row ${at + 1} is ${mine!} for the ensemble and ${other!} for ${name}: give data.step so that rows follow each other alike, and train the members and the ensemble again`,
    { member: name, step: at + 1, ensemble: mine, its: other },
  );
}
