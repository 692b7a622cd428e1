import type { ArtifactStore } from '../artifacts/index.js';
import { TrainyardError } from '../common/errors/index.js';
import type { TakenOver } from '../executions/index.js';
import type { ModelState } from '../ml/algorithms/algorithm.js';
import { getAlgorithm } from '../ml/algorithms/algorithms.js';
import { decodeModelState } from '../ml/export/model-state-codec.js';
import type { FittedProcessing, ProcessingPlan } from '../ml/processing/processing-plan.js';
import { resolveParameters } from '../ml/resolve-parameters.js';
import { compareParts as compare, tellDifferences, type Difference } from './plan-differences.js';
import type { WarmStart } from './worker/protocol.js';

const MODEL = 'warm-start-model.json';
const PROCESSING = 'warm-start-processing.json';

/** The origin as the artifacts of another execution. */
export function warmStartFiles(model: Uint8Array, processing: Uint8Array): TakenOver['files'] {
  const contentType = 'application/json';
  return [
    { name: MODEL, contentType, content: model },
    { name: PROCESSING, contentType, content: processing },
  ];
}

export async function readWarmStart(artifacts: Pick<ArtifactStore, 'read'>, executionId: string): Promise<WarmStart> {
  const [model, processing] = await Promise.all([
    artifacts.read(executionId, MODEL),
    artifacts.read(executionId, PROCESSING),
  ]);
  return decodeWarmStart(model.content, processing.content);
}

export function decodeWarmStart(model: Uint8Array, processing: Uint8Array): WarmStart {
  const fitted = JSON.parse(new TextDecoder().decode(processing)) as FittedProcessing;
  return { model: decodeModelState(model), fitted };
}

/** What of a training has to be as it was in that of its origin. */
export interface WarmTraining {
  readonly algorithm: { readonly name: string; readonly hyperparameters: ModelState['hyperparameters'] };
  readonly plan: ProcessingPlan;
}

/**
 * `WARM_START_MISMATCH` with all that differs, by the paths of a template. Equal parts of the plan give the same input
 * columns in the same order; what only the data decide, `inheritProcessing` checks.
 */
export function assertContinues({ algorithm, plan }: WarmTraining, { model, fitted }: WarmStart, named: string): void {
  const origin = fitted.plan;
  const { hyperparameters: space, warmStart } = getAlgorithm(algorithm.name);
  const free = warmStart?.free ?? [];
  const differences =
    algorithm.name === model.algorithm
      ? [
          ...compare({ task: plan.task ?? 'forecast' }, { task: origin.task ?? 'forecast' }),
          ...compare(planParts(plan), planParts(origin)),
          ...seasonDifference(plan, fitted),
          // An older model lacks what was declared since, and was trained as its default has it.
          ...compare(
            held(algorithm.hyperparameters, free),
            held(resolveParameters(space, model.hyperparameters, 'algorithm.hyperparameters'), free),
          ),
        ]
      : [{ path: 'algorithm.name', value: algorithm.name as unknown, origin: model.algorithm as unknown }];
  if (differences.length === 0) return;
  throw new TrainyardError(
    'WARM_START_MISMATCH',
    `The training cannot go on from ${named}: ${tellDifferences(differences)}. Set ${differences.length === 1 ? 'it' : 'them'} as there, or leave training.warmStart out`,
    { origin: named, differences },
  );
}

/** The parts of a plan that decide what the columns are and what they mean, by the path that sets them. */
function planParts(plan: ProcessingPlan): Readonly<Record<string, unknown>> {
  const { assets, targets, axis, features, autoencoder, knownFuture, windows, scaling } = plan;
  return {
    'data.targets': targets,
    'data.baseAssets': assets.map(({ id }) => id),
    'data.column': assets.map(({ column }) => column),
    'data.join': axis.join,
    'data.step': axis.step ?? null,
    'data.aggregation': axis.aggregation ?? 'mean',
    features,
    // Its weights are taken over, whatever the seed.
    'features.autoencoder': autoencoder === undefined ? null : { ...autoencoder, seed: 0 },
    'features.knownFuture': knownFuture ?? null,
    // What is flat is what the classes mean; of forecasts it is only how they are scored.
    'evaluation.directionThreshold': plan.task === 'direction' ? (plan.directionThreshold ?? 0) : null,
    'windows.lookBack': windows.lookBack,
    'windows.horizon': windows.horizon,
    'scaling.inputs': scaling.inputs,
    'scaling.targets': scaling.targets,
  };
}

function seasonDifference({ seasonLength }: ProcessingPlan, fitted: FittedProcessing): Difference[] {
  if (seasonLength === null || seasonLength === fitted.seasonLength) return [];
  return [{ path: 'evaluation.seasonLength', value: seasonLength, origin: fitted.seasonLength }];
}

function held(values: ModelState['hyperparameters'], free: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([name]) => !free.includes(name))
      .map(([name, value]) => [`algorithm.hyperparameters.${name}`, value]),
  );
}
