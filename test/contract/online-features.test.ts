import fc from 'fast-check';
import { isTrainyardError } from '#src/common/errors/index.js';
import type { FeatureStep } from '#src/ml/features/feature-step.js';
import { FEATURE_STEPS } from '#src/ml/features/feature-steps.js';
import type { AssetFrame, TimeFrame } from '#src/ml/frame/time-frame.js';
import type { ParameterDeclaration, ParameterValue, ParameterValues } from '#src/ml/parameters.js';
import { alignAssets } from '#src/ml/processing/align-assets.js';
import { applyProcessing } from '#src/ml/processing/apply-processing.js';
import { featureTasks } from '#src/ml/processing/compute-features.js';
import { blockAddresses } from '#src/ml/processing/feature-address.js';
import { blockRequests, computeBlock, type FeatureBlock } from '#src/ml/processing/feature-blocks.js';
import { fillSmallGaps } from '#src/ml/processing/fill-small-gaps.js';
import { fitProcessing } from '#src/ml/processing/fit-processing.js';
import { prepareFrames } from '#src/ml/processing/prepare-frames.js';
import type { FittedProcessing, ProcessingPlan } from '#src/ml/processing/processing-plan.js';
import { scaledInputs } from '#src/ml/processing/scaled-inputs.js';
import { failureOf } from '../support/failure-of.js';
import { planOf } from '../support/plans.js';
import {
  DAY_MS,
  HOUR_MS,
  barColumns,
  differingRows,
  randomWalk,
  regularTimes,
  seededUniform,
} from '../support/series.js';

/**
 * Real: fitting, applying and the feature store's extension of blocks, with every step of the list, over random plans
 * and three assets with bars, missing rows and missing values. What an endpoint makes of appended rows is held to the
 * bytes that one processing of the longer data makes.
 */

const ASSETS = ['a', 'b', 'c'];
const KNOWN_ROWS = 110;
const NEW_ROWS = 6;
/** Milliseconds rather than microseconds each, and every run computes more than a dozen times. */
const runsOf = (step: FeatureStep): number => (step.costly ? 2 : 10);

/** Small enough for a hundred rows to leave the warm-up. */
function valueOf(declaration: ParameterDeclaration): fc.Arbitrary<ParameterValue> {
  switch (declaration.kind) {
    case 'integer': {
      const least = Math.max(1, declaration.minimum);
      return fc.integer({ min: least, max: least + 6 });
    }
    case 'number':
      return fc.constantFrom(declaration.default, Math.min(declaration.maximum, 2 * declaration.default));
    case 'boolean':
      return fc.boolean();
    case 'choice':
      return fc.constantFrom(...declaration.values);
    case 'text':
      return fc.constantFrom(declaration.default, 'size', 'class_FX');
    case 'integers':
    case 'numbers': {
      const { minimumLength, maximumLength, minimum } = declaration;
      const range = { minLength: minimumLength, maxLength: Math.min(maximumLength, 3) };
      if (minimumLength === maximumLength) return fc.array(fc.integer({ min: minimum, max: minimum + 2 }), range);
      return fc.uniqueArray(fc.integer({ min: minimum, max: minimum + 6 }), range);
    }
  }
}

/** Where the smallest values would cost the most: an order search at every row. */
const DRAWN: Readonly<Record<string, Readonly<Record<string, fc.Arbitrary<ParameterValue>>>>> = {
  arima: { refitEvery: fc.integer({ min: 15, max: 40 }) },
};

function parametersOf(step: FeatureStep): fc.Arbitrary<ParameterValues> {
  const drawn = Object.fromEntries(Object.entries(step.parameters).map(([name, one]) => [name, valueOf(one)]));
  return fc.record({ ...drawn, ...DRAWN[step.name] }).filter((parameters) => isPlannable(step, parameters));
}

/** Some steps have parameters that are allowed each and together are none. */
function isPlannable(step: FeatureStep, parameters: ParameterValues): boolean {
  try {
    return step.columnNames(parameters).length > 0;
  } catch (error) {
    if (isTrainyardError(error, 'PARAMETER_INVALID')) return false;
    throw error;
  }
}

interface Scene {
  readonly parameters: ParameterValues;
  readonly seed: number;
  readonly stepMs: number;
  readonly join: ProcessingPlan['axis']['join'];
  readonly imputation: ProcessingPlan['gaps']['imputation'];
  readonly scaling: string;
}

const sceneOf = (step: FeatureStep): fc.Arbitrary<Scene> =>
  fc.record({
    parameters: parametersOf(step),
    seed: fc.nat(),
    stepMs: fc.constantFrom(HOUR_MS, DAY_MS),
    join: fc.constantFrom('union' as const, 'targets' as const, 'intersection' as const),
    imputation: fc.constantFrom('forward-fill' as const, 'trailing-median' as const),
    scaling: fc.constantFrom('standard', 'robust', 'min-max'),
  });

/** Prices with bars; rows and values drop out at random, in the new rows as well. */
function framesOf({ seed, stepMs }: Scene): AssetFrame[] {
  const axis = regularTimes(KNOWN_ROWS + NEW_ROWS, stepMs);
  return ASSETS.map((asset, at) => {
    const uniform = seededUniform(seed + at);
    const rows = [...axis.keys()].filter(() => uniform() > 0.02);
    const walk = randomWalk(axis.length, seed + 10 * at, 200);
    const value = Float64Array.from(rows, (row) => (uniform() < 0.01 ? NaN : walk[row]!));
    const { high, low, volume } = barColumns(value);
    const frame: TimeFrame = {
      times: Float64Array.from(rows, (row) => axis[row]!),
      names: ['value', 'high', 'low', 'volume'],
      columns: [value, high, low, volume],
    };
    return { asset, assetClass: null, frame };
  });
}

function upTo(frames: readonly AssetFrame[], time: number): AssetFrame[] {
  return frames.map(({ frame: { times, names, columns }, ...asset }) => {
    const rows = times.filter((one) => one <= time).length;
    return {
      ...asset,
      frame: { times: times.slice(0, rows), names, columns: columns.map((column) => column.slice(0, rows)) },
    };
  });
}

function planFor(step: FeatureStep, { parameters, stepMs, join, imputation, scaling }: Scene): ProcessingPlan {
  const at = (share: number) => Date.UTC(2020, 0, 1) + Math.round(KNOWN_ROWS * share) * stepMs;
  const assets = step.scope === 'axis' ? [] : ['a', 'b'];
  const references = step.scope === 'pair' ? { references: ['c', 'a'] } : {};
  return planOf(ASSETS, {
    targets: ['a', 'c'],
    axis: { join, start: null, end: at(1) - 1, step: 'auto' },
    gaps: { largeShare: 0.1, imputation, neighbours: 7 },
    features: [{ step: step.name, parameters, assets, ...references }],
    split: { by: 'date', trainEnd: at(0.7), validationEnd: at(0.85), testEnd: null },
    scaling: { inputs: scaling, targets: scaling },
  });
}

/** As the feature store sees it: the blocks of these frames, with what was fitted left as it is. */
function blocksOf(fitted: FittedProcessing, frames: readonly AssetFrame[], earlierRows: readonly number[] = []) {
  const plan = { ...fitted.plan, axis: { ...fitted.plan.axis, end: null } };
  const series = alignAssets(frames, plan, fitted.calendar);
  const filled = fillSmallGaps(series, plan, fitted);
  const tasks = featureTasks(plan, series, filled, frames, fitted);
  const addresses = blockAddresses(tasks, earlierRows).flat();
  const requests = tasks.flatMap((task) => blockRequests(task).map((request) => ({ task, request })));
  return { rows: series.times.length, blocks: requests.map((one, at) => ({ ...one, ...addresses[at]! })) };
}

describe.each(FEATURE_STEPS.map((step) => ({ name: step.name, step })))('$name on appended rows', ({ step }) => {
  it('is byte-equal online to the offline processing of the longer data', () => {
    let [compared, refused] = [0, 0];
    fc.assert(
      fc.property(sceneOf(step), (scene) => {
        const frames = framesOf(scene);
        const plan = planFor(step, scene);
        const { fitted } = fitProcessing(plan, prepareFrames(plan, upTo(frames, plan.axis.end!)));
        const stored = JSON.parse(JSON.stringify(fitted)) as FittedProcessing;
        const open = { ...plan, axis: { ...plan.axis, end: null } };
        const longer = prepareFrames(open, frames, fitted);
        const offline = scaledInputs(fitted, longer);
        const { lookBack } = plan.windows;
        const newTimes = new Set(frames.flatMap(({ frame }) => [...frame.times].filter((one) => one > plan.axis.end!)));
        for (const time of newTimes) {
          const known = upTo(frames, time);
          const origin = prepareFrames(open, known, fitted).series.times.length - 1;
          const windows = offline.columns.map((column) => column.subarray(origin - lookBack + 1, origin + 1));
          if (windows.some((window) => window.some(Number.isNaN))) {
            expect(failureOf(() => applyProcessing(stored, known)).code).toBe('WINDOW_INVALID');
            refused++;
            continue;
          }
          const online = applyProcessing(stored, known);
          expect(online.origin).toBe(origin);
          expect(online.inputs.names).toEqual(offline.names);
          expect(differingRows(online.times, longer.series.times.subarray(0, origin + 1))).toEqual([]);
          online.inputs.columns.forEach((column, at) => {
            const name = online.inputs.names[at]!;
            const differing = differingRows(column.subarray(origin - lookBack + 1), windows[at]!);
            expect({ name, time, differing }).toEqual({ name, time, differing: [] });
          });
          compared++;
        }
      }),
      { numRuns: runsOf(step) },
    );
    expect(compared).toBeGreaterThan(refused);
    expect(compared).toBeGreaterThanOrEqual(2 * runsOf(step));
  });

  it('is extended from the block that the store has of the rows before, to the same bytes', () => {
    fc.assert(
      fc.property(sceneOf(step), (scene) => {
        const frames = framesOf(scene);
        const plan = planFor(step, scene);
        const { fitted } = fitProcessing(plan, prepareFrames(plan, upTo(frames, plan.axis.end!)));
        const before = blocksOf(fitted, upTo(frames, plan.axis.end!));
        const after = blocksOf(fitted, frames, [before.rows]);
        const known = new Map<string, FeatureBlock>(
          before.blocks.map(({ task, request, address }) => [address, computeBlock(task, request).block]),
        );
        for (const { task, request, earlier } of after.blocks) {
          expect(earlier).toHaveLength(step.restartRow === undefined ? 0 : 1);
          const found = known.get(earlier[0] ?? '') ?? null;
          expect(found === null).toBe(step.restartRow === undefined);
          const { block, computedRows } = computeBlock(task, request, found);
          const whole = computeBlock(task, request).block;
          expect(computedRows).toBeLessThanOrEqual(after.rows);
          expect(block.names).toEqual(whole.names);
          const differing = block.columns.map((column, at) => differingRows(column, whole.columns[at]!));
          expect(differing.flat()).toEqual([]);
        }
      }),
      { numRuns: runsOf(step) },
    );
  });
});
