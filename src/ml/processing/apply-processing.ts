import { TrainyardError } from '../../common/errors/index.js';
import type { AssetFrame } from '../frame/time-frame.js';
import { CAUSAL_NAMES } from '../gaps/imputation/imputation-methods.js';
import { observedRows } from '../gaps/observed-rows.js';
import { settledRows } from '../gaps/settled-rows.js';
import type { InputMatrix } from '../windows/windowed-data.js';
import type { AppliedProcessing } from './applied-processing.js';
import { applyMembers } from './apply-members.js';
import { forecastTimes } from './forecast-times.js';
import { knownRows } from './future-inputs.js';
import { prepareFrames } from './prepare-frames.js';
import type { FittedProcessing, ProcessingPlan } from './processing-plan.js';
import { scaledInputs } from './scaled-inputs.js';

/**
 * Model input for a forecast from the last row of `frames`, made as in training with everything fitted left as it is.
 *
 * Byte-equal to the offline processing of the same rows, because it is the same code over the same rows: `frames` is
 * the whole history of the assets as the dataset has it, from the beginning that the training saw, not the last few
 * rows. EMA and RSI remember everything since their beginning, rolling windows are cut into blocks from row 0, and a gap
 * is filled from what was observed before it; begun later, each would differ. From a shorter history it still works,
 * and differs as much as the features forget their beginning.
 *
 * Of assets that are known in advance, rows after the origin are read up to the last forecast row, and no further.
 *
 * The plan's `axis.end` is the end of the training's data, not of the world: rows after it are used. Throws
 * WINDOW_INVALID when the window up to the last row is too short or has a gap that was not imputed.
 */
export function applyProcessing(fitted: FittedProcessing, frames: readonly AssetFrame[]): AppliedProcessing {
  const own = applyOwn(fitted, frames);
  return fitted.members === undefined ? own : applyMembers(fitted.members, own, frames, applyProcessing);
}

function applyOwn(fitted: FittedProcessing, frames: readonly AssetFrame[]): AppliedProcessing {
  const plan = { ...fitted.plan, axis: { ...fitted.plan.axis, end: null } };
  const prepared = prepareFrames(plan, frames, fitted);
  const inputs = scaledInputs(fitted, prepared);
  const { times } = prepared.series;
  const origin = times.length - 1;
  checkSettled(prepared.settledAt, times, plan);
  checkWindow(inputs, times, plan.windows.lookBack);
  const following = forecastTimes(fitted.calendar, times[origin]!, plan.windows.horizon);
  const columns = fitted.targets.map(({ asset }) => prepared.series.names.indexOf(asset));
  return {
    times,
    inputs,
    known: knownRows(fitted, plan, frames, times, following),
    following,
    originals: columns.map((at) => prepared.filled.columns[at]!),
    observed: columns.map((at) => observedRows(prepared.series.columns[at]!)),
    origin,
  };
}

/** With a method that looks across gaps, rows near the newest one may still change: that is no base for a forecast. */
function checkSettled(settledAt: Int32Array | null, times: Float64Array, { gaps }: ProcessingPlan): void {
  const last = times.length - 1;
  if (settledAt === null || settledRows(settledAt)[last] === 1) return;
  const open = settledAt.findIndex((row) => row > last);
  const since = new Date(times[open]!).toISOString();
  throw new TrainyardError(
    'WINDOW_INVALID',
    `The gap at ${since} cannot be filled yet: gaps.imputation=${gaps.imputation} looks across gaps, and what it needs comes after the last row; append rows, or train with a causal method (${CAUSAL_NAMES.join(', ')} or auto)`,
    { since, imputation: gaps.imputation, causal: CAUSAL_NAMES },
  );
}

function checkWindow(inputs: InputMatrix, times: Float64Array, lookBack: number): void {
  const rows = times.length;
  if (rows < lookBack) {
    throw new TrainyardError('WINDOW_INVALID', `The model looks back on ${lookBack} rows, the data has ${rows}`, {
      rows,
      needed: lookBack,
    });
  }
  inputs.columns.forEach((column, at) => {
    const missing = column.subarray(rows - lookBack).filter(Number.isNaN).length;
    if (missing === 0) return;
    const [from, to] = [times[rows - lookBack]!, times[rows - 1]!].map((time) => new Date(time).toISOString());
    throw new TrainyardError(
      'WINDOW_INVALID',
      `${inputs.names[at]!} lacks ${missing} of the ${lookBack} rows from ${from!} to ${to!} that the model looks back on: the gap is too large to impute, or a feature has not warmed up; append the missing rows`,
      { column: inputs.names[at], missing, lookBack, from, to },
    );
  });
}
