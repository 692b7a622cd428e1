import { TrainyardError } from '../../common/errors/index.js';
import type { AssetFrame } from '../frame/time-frame.js';
import { laterSettled, settledOrigins, type SettledAt } from '../gaps/settled-rows.js';
import { windowOrigins } from '../windows/window-origins.js';
import type { InputMatrix } from '../windows/windowed-data.js';
import { checkWindows, type FitOfProcessing } from './fit-processing.js';
import { futureInputs } from './future-inputs.js';
import { describeCalendar, refuseLookAhead } from './inherit-processing.js';
import { keepInputs } from './keep-inputs.js';
import { memberColumns } from './member-columns.js';
import { placeColumn, placeRows, type RowPlace } from './place-rows.js';
import { prepareFramesInSteps } from './prepare-frames.js';
import type { FittedMember, LearnedRows, ProcessingPlan } from './processing-plan.js';
import { scaledInputs } from './scaled-inputs.js';

export interface JoinedProcessing extends FitOfProcessing {
  /** Of all members together, see `settledOrigins`. */
  readonly settledAt: SettledAt;
}

/**
 * What an ensemble is chosen and scored on: its own axis, parts and targets, with the columns of each member as its own
 * processing makes them, everything fitted left as it is. A window is one of the ensemble when it is complete for all
 * members, so all are compared over the same rows.
 *
 * `frames` have the assets of all members from the beginning that each of their trainings saw. Yields the share that is
 * done. `ENSEMBLE_MISMATCH` for a member whose rows or calendar are others, `LOOK_AHEAD` for one that has learned from
 * rows that would choose or score it.
 */
export function* joinMembersInSteps(
  own: FitOfProcessing,
  settledAt: SettledAt,
  frames: readonly AssetFrame[],
  members: readonly FittedMember[],
): Generator<number, JoinedProcessing> {
  const { parts } = own;
  const { plan } = own.fitted;
  const base = keepInputs(
    own.fitted,
    own.data,
    [...own.data.targets.inputs].sort((one, other) => one - other),
  );
  const { times } = base.data;
  const learned = members.map(({ name, fitted }) => refuseLookAhead(name, fitted.learned, parts, times));
  const names = [...base.data.inputs.names];
  const columns = [...base.data.inputs.columns];
  const assets = base.fitted.inputs.map(({ asset }) => asset);
  const known: FutureColumns = { names: [], columns: [], assets: [] };
  let settled = settledAt;
  for (const [at, member] of members.entries()) {
    refuseOtherCalendar(member, own);
    const preparing = prepareFramesInSteps(planOver(member, plan), framesOf(member, frames), member.fitted);
    let step = preparing.next();
    while (step.done !== true) {
      yield (at + step.value) / members.length;
      step = preparing.next();
    }
    const prepared = step.value;
    const place = placeRows(member.name, prepared.series.times, times);
    const originals = member.fitted.targets.map(
      ({ asset }) => prepared.filled.columns[prepared.series.names.indexOf(asset)]!,
    );
    const its = memberColumns(member, scaledInputs(member.fitted, prepared), originals);
    names.push(...its.names);
    columns.push(...its.columns.map((column) => placeColumn(column, place, times.length)));
    assets.push(...its.assets);
    addFuture(known, member, futureInputs(member.fitted, prepared.filled), place, times.length);
    settled = laterSettled(settled, placeSettled(prepared.settledAt, place, times.length));
  }
  const future = known.names.length > 0 ? known : undefined;
  const ahead = [...base.data.targets.columns, ...(future?.columns ?? [])];
  const complete = windowOrigins(columns, ahead, parts, plan.windows);
  const origins = settledOrigins(complete, settled, parts, plan.windows.horizon, future !== undefined);
  const inputs: InputMatrix = { names, columns, assets, times };
  checkWindows(plan, parts, { complete, origins }, inputs);
  return {
    ...own,
    fitted: { ...withoutFuture(base.fitted), members, learned: latest([own.fitted.learned!, ...learned]) },
    data: { ...withoutFuture(base.data), inputs, ...(future && { future }), origins },
    settledAt: settled,
  };
}

/** What is known in advance, the members know, each in its own scaling. */
function withoutFuture<Whole extends { readonly future?: unknown }>({
  future: _,
  ...rest
}: Whole): Omit<Whole, 'future'> {
  return rest;
}

/** The member's plan over the rows of the ensemble's data. */
function planOver({ fitted }: FittedMember, { axis }: ProcessingPlan): ProcessingPlan {
  return { ...fitted.plan, axis: { ...fitted.plan.axis, end: axis.end } };
}

export function framesOf({ fitted }: FittedMember, frames: readonly AssetFrame[]): AssetFrame[] {
  return frames.filter(({ asset }) => fitted.plan.assets.some(({ id }) => id === asset));
}

/** Of all members so far. */
export interface FutureColumns {
  readonly names: string[];
  readonly columns: Float64Array[];
  readonly assets: (string | null)[];
}

/** Adds the covariates of a member, which may have values after the last row, to those of the others. */
export function addFuture(
  known: FutureColumns,
  { name, fitted }: FittedMember,
  future: InputMatrix | undefined,
  place: RowPlace,
  rows: number,
): void {
  if (future === undefined) return;
  known.names.push(...future.names.map((column) => `${name}/${column}`));
  known.columns.push(...future.columns.map((column) => placeColumn(column, place, rows)));
  known.assets.push(...(fitted.future ?? []).map(({ asset }) => asset));
}

/** Rows before the member's first one are final at once. */
function placeSettled(settledAt: SettledAt, { from, at }: RowPlace, rows: number): SettledAt {
  if (settledAt === null) return null;
  return Int32Array.from({ length: rows }, (_, row) => (row < at ? row : settledAt[row - at + from]! + at - from));
}

function latest(learned: readonly LearnedRows[]): LearnedRows {
  return {
    trainEnd: Math.max(...learned.map(({ trainEnd }) => trainEnd)),
    validationEnd: Math.max(...learned.map(({ validationEnd }) => validationEnd)),
  };
}

function refuseOtherCalendar({ name, fitted }: FittedMember, own: FitOfProcessing): void {
  const mine = describeCalendar(own.fitted.calendar);
  const its = describeCalendar(fitted.calendar);
  if (mine === its) return;
  throw new TrainyardError(
    'ENSEMBLE_MISMATCH',
    `The rows are ${mine}, those of ${name} ${its}: combine models of the same step, and give data.step so that the rows follow each other alike`,
    { member: name, ensemble: mine, its },
  );
}
