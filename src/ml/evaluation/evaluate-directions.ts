import { TrainyardError } from '../../common/errors/index.js';
import type { Forecaster } from '../algorithms/algorithm.js';
import { DIRECTIONS, directionShares, labelsOfTarget } from '../windows/direction-labels.js';
import type { WindowedData } from '../windows/windowed-data.js';
import { windowThinning } from './conformal-calibration.js';
import type { DirectionReport, PartDirections } from './direction-report.js';
import type { EvaluationContext } from './evaluate.js';
import { ScoredDirections, type DirectionCell } from './scored-directions.js';
import { isSignificant } from './skill-tests.js';

const CLASSES = DIRECTIONS.length;
/** Probabilities held at once, 64 MiB of Float64; of a part with more, evenly spread windows are scored. */
const MOST_VALUES = 2 ** 23;
const BLOCK_VALUES = 2 ** 18;
/** Sums of probabilities are 1 within this. */
const SUM_TOLERANCE = 1e-9;

const UNWATCHED: EvaluationContext = { isCancelled: () => false, breathe: async () => {}, onProgress: () => {} };

/** The probabilities of one part's windows; what pictures draw. */
export interface DirectionTrace {
  readonly part: 'validation' | 'test';
  readonly origins: Int32Array;
  /** Rows between two origins, where none is missing. */
  readonly stride: number;
  /** [origins, horizon, targets, 3]. */
  readonly probabilities: Float64Array;
}

export interface EvaluatedDirections {
  readonly report: DirectionReport;
  /** Of the last part that has windows; null where none has. */
  readonly trace: DirectionTrace | null;
}

/**
 * Scores the probabilities of a model on the validation part and on the test part, beside the shares of the directions
 * in the train windows, see `directionShares`. Only changes between observed values count. Progress runs 0…1 over both.
 * `stride`: rows between two origins of a part.
 *
 * `FORECAST_NOT_FINITE` when probabilities are no numbers from 0 to 1 that sum to 1.
 */
export async function evaluateDirections(
  data: WindowedData,
  forecaster: Forecaster,
  stride: number,
  context: EvaluationContext = UNWATCHED,
): Promise<EvaluatedDirections> {
  if (data.directions === undefined) throw new Error('the task is not direction');
  const shares = directionShares(data, data.origins.train);
  const all = Math.max(1, data.origins.validation.length + data.origins.test.length);
  let before = 0;
  const traces: DirectionTrace[] = [];
  const score = async (part: 'validation' | 'test'): Promise<PartDirections | null> => {
    const windows = data.origins[part].length;
    if (windows === 0) return null;
    const trace = await tracePart(data, forecaster, part, stride, {
      ...context,
      isCancelled: () => context.isCancelled(),
      breathe: () => context.breathe(),
      onProgress: (fraction) => context.onProgress((before + fraction * windows) / all),
    });
    before += windows;
    traces.push(trace);
    return scorePart(data, trace, shares, context);
  };
  const report: DirectionReport = {
    format: 1,
    task: 'direction',
    lookBack: data.lookBack,
    horizon: data.horizon,
    classes: DIRECTIONS,
    threshold: data.directions.threshold,
    validation: await score('validation'),
    test: await score('test'),
  };
  return { report, trace: traces[traces.length - 1] ?? null };
}

async function tracePart(
  data: WindowedData,
  forecaster: Forecaster,
  part: 'validation' | 'test',
  stride: number,
  context: EvaluationContext,
): Promise<DirectionTrace> {
  const { horizon, targets } = data;
  const each = horizon * targets.names.length * CLASSES;
  const every = windowThinning(data.origins[part].length, each, MOST_VALUES);
  const origins = onGrid(data.origins[part], stride * every);
  const probabilities = await probabilitiesOf(data, forecaster, origins, `the ${part} part`, context);
  return { part, origins, stride: stride * every, probabilities };
}

/**
 * [origins, horizon, targets, 3] in blocks of origins; `FORECAST_NOT_FINITE` as for an evaluation. `scored`: what a
 * cancelled run was at.
 */
export async function probabilitiesOf(
  data: WindowedData,
  forecaster: Forecaster,
  origins: Int32Array,
  scored: string,
  context: EvaluationContext = UNWATCHED,
): Promise<Float64Array> {
  const each = data.horizon * data.targets.names.length * CLASSES;
  const probabilities = new Float64Array(origins.length * each);
  const atOnce = Math.max(1, Math.floor(BLOCK_VALUES / each));
  for (let start = 0; start < origins.length; start += atOnce) {
    if (context.isCancelled()) throw new TrainyardError('CANCELLED', `cancelled while scoring ${scored}`);
    const block = origins.subarray(start, start + atOnce);
    if (forecaster.classProbabilities === undefined) throw new Error('the model gives no probabilities of directions');
    const made = await forecaster.classProbabilities(data.inputs, block, data.future);
    if (made.length !== block.length * each) {
      throw new Error(`${made.length} probabilities for ${block.length} origins, expected [origins, ${each}]`);
    }
    assertProbabilities(made, data, block);
    probabilities.set(made, start * each);
    context.onProgress((start + block.length) / origins.length);
    await context.breathe();
  }
  return probabilities;
}

/** The origins that are whole strides after the first. */
function onGrid(origins: Int32Array, stride: number): Int32Array {
  return origins.filter((origin) => (origin - origins[0]!) % stride === 0);
}

async function scorePart(
  data: WindowedData,
  { part, origins, stride, probabilities }: DirectionTrace,
  shares: readonly Float64Array[],
  context: EvaluationContext,
): Promise<PartDirections | null> {
  const { horizon, times, targets, directions } = data;
  const scored = new ScoredDirections({
    origins,
    horizon,
    targets: targets.names.length,
    probabilities,
    shares: () => shares,
    labels: targets.names.map((_, target) => labelsOfTarget(data, target, origins)),
  });
  const compare = async (of: (cell: DirectionCell) => boolean) => {
    if (context.isCancelled()) throw new TrainyardError('CANCELLED', `cancelled while scoring the ${part} part`);
    await context.breathe();
    return scored.compared(scored.cells(of));
  };
  const perStep = [];
  for (let step = 0; step < horizon; step++) {
    const ofStep = (cell: DirectionCell): boolean => cell.step === step;
    const compared = await compare(ofStep);
    if (compared === null) continue;
    perStep.push({ step: step + 1, ...compared, significance: scored.significance(scored.cells(ofStep), stride) });
  }
  const perAsset = [];
  const unscoredAssets: string[] = [];
  for (const [target, asset] of targets.names.entries()) {
    const compared = await compare((cell) => cell.target === target);
    if (compared === null) unscoredAssets.push(asset);
    else perAsset.push({ asset, flatWithin: directions!.limits[target]!, ...compared });
  }
  const overall = await compare(() => true);
  if (overall === null) return null;
  const significance = scored.significance(scored.cells(), stride);
  return {
    part,
    windows: origins.length,
    from: new Date(times[origins[0]! + 1]!).toISOString(),
    to: new Date(times[origins[origins.length - 1]! + horizon]!).toISOString(),
    ...overall,
    significance,
    hasSkill: overall.skill > 0 && isSignificant(significance),
    perAsset,
    unscoredAssets,
    perStep,
  };
}

function assertProbabilities(made: Float64Array, { horizon, targets, times }: WindowedData, origins: Int32Array): void {
  for (let at = 0; at < made.length; at += CLASSES) {
    const three = made.subarray(at, at + CLASSES);
    const sum = three.reduce((total, p) => total + p, 0);
    if (three.every((p) => p >= 0 && p <= 1) && Math.abs(sum - 1) <= SUM_TOLERANCE) continue;
    const cell = at / CLASSES;
    const asset = targets.names[cell % targets.names.length]!;
    const step = (Math.floor(cell / targets.names.length) % horizon) + 1;
    const origin = new Date(times[origins[Math.floor(cell / targets.names.length / horizon)]!]!).toISOString();
    throw new TrainyardError(
      'FORECAST_NOT_FINITE',
      `the probabilities of ${asset} at ${origin}, step ${step}, are ${[...three].join(', ')}: the training diverged; ` +
        'lower the learning rate, raise the regularisation, or scale the inputs',
      { asset, origin, step, probabilities: Array.from(three, String) },
    );
  }
}
