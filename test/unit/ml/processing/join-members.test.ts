import { getAlgorithm } from '#src/ml/algorithms/algorithms.js';
import type { ModelState } from '#src/ml/algorithms/algorithm.js';
import type { AssetFrame } from '#src/ml/frame/time-frame.js';
import { applyProcessing } from '#src/ml/processing/apply-processing.js';
import { withoutIdleMembers } from '#src/ml/processing/drop-members.js';
import { fitProcessing } from '#src/ml/processing/fit-processing.js';
import { forecastsOfTarget, openTargetInverses } from '#src/ml/processing/invert-targets.js';
import { joinMembersInSteps, type JoinedProcessing } from '#src/ml/processing/join-members.js';
import { memberLayouts } from '#src/ml/processing/member-columns.js';
import { prepareFrames } from '#src/ml/processing/prepare-frames.js';
import type { FittedProcessing, ProcessingPlan } from '#src/ml/processing/processing-plan.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import { resolveChain } from '#src/ml/transforms/resolve-chain.js';
import { failureOf } from '../../../support/failure-of.js';
import { assetFrame, planOf } from '../../../support/plans.js';
import { differingRows, HOUR_MS, randomWalk, regularTimes } from '../../../support/series.js';
import { trainingContext } from '../../../support/synthetic-windows.js';

/** Real: processing, algorithms and transforms. Members differ in look-back, features, scaling, begin and what they know. */

const ROWS = 400;
const TIMES = regularTimes(ROWS, HOUR_MS);
const at = (row: number): number => TIMES[0]! + row * HOUR_MS;
const HORIZON = 3;

const FRAMES: readonly AssetFrame[] = ['load', 'heat', 'holiday'].map((asset, n) =>
  assetFrame(
    asset,
    TIMES,
    // One small gap: an imputed row is in the windows of all.
    randomWalk(ROWS, n + 1, 200).map((value, row) => (n === 0 && row === 150 ? NaN : value)),
  ),
);

const SPLIT: ProcessingPlan['split'] = { by: 'date', trainEnd: at(240), validationEnd: at(320), testEnd: null };
const shape = (lookBack: number) => ({ lookBack, horizon: HORIZON, stride: 1 });

const PLANS: Readonly<Record<string, ProcessingPlan>> = {
  levels: planOf(['load', 'heat'], { targets: ['load'], split: SPLIT, windows: shape(8) }),
  changes: planOf(['load', 'heat'], {
    split: SPLIT,
    windows: shape(5),
    axis: { join: 'union', start: at(40), end: null },
    scaling: {
      inputs: resolveChain(['difference', 'standard'], 'scaling.inputs'),
      targets: resolveChain(['difference', 'standard'], 'scaling.targets'),
    },
  }),
  line: planOf(['load', 'heat', 'holiday'], {
    split: SPLIT,
    windows: shape(6),
    features: [{ step: 'sma', parameters: { window: 7 }, assets: ['load'] }],
    knownFuture: { assets: ['holiday'], calendar: true },
    scaling: { inputs: 'detrend', targets: 'detrend' },
  }),
};

const OWN = planOf(['load', 'heat', 'holiday'], {
  split: SPLIT,
  windows: shape(8),
  knownFuture: { assets: ['holiday'], calendar: true },
  scaling: { inputs: 'none', targets: 'standard' },
});

interface Member {
  readonly name: string;
  readonly fitted: FittedProcessing;
  readonly model: ModelState;
}

const upTo = (rows: number): AssetFrame[] =>
  FRAMES.map(({ asset, frame }) => assetFrame(asset, frame.times.slice(0, rows), frame.columns[0]!.slice(0, rows)));

async function train(name: string, plan: ProcessingPlan): Promise<Member> {
  const { fitted, data } = fitProcessing(plan, prepareFrames(plan, FRAMES));
  const ridge = getAlgorithm('ridge');
  const given = { normalisation: 'none' };
  const parameters = resolveParameters(ridge.hyperparameters, given, 'algorithm.hyperparameters');
  const { model } = await ridge.fit(data, parameters, trainingContext());
  return { name, fitted, model };
}

function join(members: readonly Member[], plan = OWN, frames: readonly AssetFrame[] = FRAMES): JoinedProcessing {
  const prepared = prepareFrames(plan, frames);
  const joining = joinMembersInSteps(fitProcessing(plan, prepared), prepared.settledAt, frames, members);
  let step = joining.next();
  while (step.done !== true) step = joining.next();
  return step.value;
}

/** The forecast from the last row in original units, as an endpoint makes it. */
async function serve(
  fitted: FittedProcessing,
  model: ModelState,
  frames: readonly AssetFrame[],
): Promise<Float64Array> {
  const { inputs, known, times, following, originals, origin } = applyProcessing(fitted, frames);
  const forecaster = await getAlgorithm(model.algorithm).restore(model);
  const scaled = await forecaster.forecast(inputs, Int32Array.of(origin), known?.inputs);
  forecaster.dispose();
  const all = Float64Array.of(...times, ...following);
  const [inverse] = openTargetInverses(fitted, { times: all, columns: originals });
  return inverse!(forecastsOfTarget(scaled, 0, 1), Int32Array.of(origin));
}

function combine(
  members: readonly Member[],
  { fitted, data }: JoinedProcessing,
  weights: readonly number[],
): ModelState {
  return {
    format: 1,
    algorithm: 'ensemble',
    hyperparameters: {},
    lookBack: 8,
    horizon: HORIZON,
    inputs: data.inputs.names,
    targets: data.targets.names,
    facts: {},
    tensors: {},
    ensemble: {
      targets: fitted.targets.map(({ transform, state }) => ({ transform, state })),
      members: memberLayouts(fitted).map((layout, n) => ({ ...layout, weight: weights[n]!, model: members[n]!.model })),
    },
  };
}

describe('the processing of an ensemble', () => {
  let members: Member[];
  beforeAll(async () => {
    members = await Promise.all(Object.entries(PLANS).map(([name, plan]) => train(name, plan)));
  });

  it('forecasts the weighted sum of what its members forecast, at any row', async () => {
    const joined = join(members);
    const weights = [0.5, 0.2, 0.3];
    const model = combine(members, joined, weights);
    for (const rows of [330, 371, ROWS - HORIZON]) {
      // What is known in advance goes on beyond the origin.
      const frames = upTo(rows).map((one) => (one.asset === 'holiday' ? FRAMES[2]! : one));
      const made = await serve(joined.fitted, model, frames);
      const alone = await Promise.all(members.map(({ fitted, model: its }) => serve(fitted, its, frames)));
      made.forEach((value, step) => {
        const expected = weights.reduce((sum, weight, n) => sum + weight * alone[n]![step]!, 0);
        expect(Math.abs(value - expected)).toBeLessThan(1e-9 * Math.abs(expected));
      });
    }
  });

  it('makes the same columns for a forecast as for training, and nothing later changes them', () => {
    const { fitted, data } = join(members);
    for (const rows of [330, 371]) {
      const frames = upTo(rows).map((one) => (one.asset === 'holiday' ? FRAMES[2]! : one));
      const { inputs, known } = applyProcessing(fitted, frames);
      expect(inputs.names).toEqual(data.inputs.names);
      inputs.columns.forEach((column, n) => {
        expect(column).toHaveLength(rows);
        expect(differingRows(column, data.inputs.columns[n]!.subarray(0, rows))).toEqual([]);
      });
      expect(known!.inputs.names).toEqual(data.future!.names);
      known!.inputs.columns.forEach((column, n) => {
        expect(differingRows(column, data.future!.columns[n]!.subarray(0, rows + HORIZON))).toEqual([]);
      });
      expect(known!.given.names).toEqual(['holiday']);
    }
  });

  it('names the columns by their members and takes windows that are complete for all', () => {
    const { data, fitted } = join(members);
    expect(data.inputs.names).toEqual(
      [
        'load',
        'levels/load',
        'levels/heat',
        'changes/load',
        'changes/heat',
        'changes/load in original units',
        'line/load',
        'line/heat',
        'line/holiday',
        'line/load_SMA7',
        'line/load in original units',
      ].map((name) => name.replace('load_SMA7', data.inputs.names[9]!.slice('line/'.length))),
    );
    expect(data.inputs.names[9]).toMatch(/^line\/load_.*7/);
    // The second member begins at row 40, and its window has 8 rows of the ensemble.
    expect(data.origins.train[0]).toBeGreaterThanOrEqual(40 + 7);
    expect(data.targets.inputs).toEqual([0]);
    expect(fitted.learned).toEqual({ trainEnd: at(239), validationEnd: at(319) });
  });

  it('leaves out members without weight, their columns and assets, and forecasts the same', async () => {
    const joined = join(members);
    const model = combine(members, joined, [0.75, 0.25, 0]);
    const kept = withoutIdleMembers({ ...joined, model });
    expect(kept.fitted.plan.assets.map(({ id }) => id)).toEqual(['load', 'heat']);
    expect(kept.fitted.plan.knownFuture).toBeUndefined();
    expect(kept.data.inputs.names).toEqual(joined.data.inputs.names.slice(0, 6));
    expect(kept.data.future).toBeUndefined();
    expect(kept.model.inputs).toEqual(kept.data.inputs.names);
    const frames = upTo(350);
    const withHoliday = frames.map((one) => (one.asset === 'holiday' ? FRAMES[2]! : one));
    const stored = JSON.parse(JSON.stringify(kept.fitted)) as FittedProcessing;
    expect(await serve(stored, kept.model, frames)).toEqual(await serve(joined.fitted, model, withHoliday));
  });

  it('refuses members that have learned from rows that would choose or score it, with the dates', () => {
    const earlier = {
      ...OWN,
      split: { by: 'date', trainEnd: at(200), validationEnd: at(320), testEnd: null } as const,
    };
    const failure = failureOf(() => join(members, earlier));
    expect(failure).toMatchObject({
      code: 'LOOK_AHEAD',
      details: {
        part: 'validation',
        begin: new Date(at(200)).toISOString(),
        learnedUntil: new Date(at(239)).toISOString(),
      },
    });
    expect(failure.message).toContain('levels was trained on rows up to');
    const tested = { ...OWN, split: { by: 'date', trainEnd: at(250), validationEnd: at(300), testEnd: null } as const };
    expect(failureOf(() => join(members, tested))).toMatchObject({ code: 'LOOK_AHEAD', details: { part: 'test' } });
  });

  it('refuses members whose rows are others, with the first time that differs', () => {
    const frames = FRAMES.map((one) =>
      one.asset === 'holiday'
        ? one
        : assetFrame(
            one.asset,
            one.frame.times.filter((_, row) => one.asset === 'load' || row !== 350),
            one.frame.columns[0]!.filter((_, row) => one.asset === 'load' || row !== 350),
          ),
    );
    const crossing = [{ ...members[0]!, fitted: withJoin(members[0]!.fitted, 'intersection') }];
    const failure = failureOf(() => join(crossing, { ...OWN, axis: { ...OWN.axis, join: 'union' } }, frames));
    expect(failure).toMatchObject({ code: 'ENSEMBLE_MISMATCH', details: { member: 'levels' } });
    expect(failure.message).toBe(
      `The rows of levels and those of the ensemble are not the same: the member lacks ${new Date(at(350)).toISOString()}; combine models whose assets and data.join give the same rows`,
    );
  });
});

function withJoin(fitted: FittedProcessing, join: ProcessingPlan['axis']['join']): FittedProcessing {
  return { ...fitted, plan: { ...fitted.plan, axis: { ...fitted.plan.axis, join, step: null } } };
}
