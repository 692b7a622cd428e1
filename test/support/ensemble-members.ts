import type { Algorithm, EnsembleMember, ModelState, TrainingContext } from '#src/ml/algorithms/algorithm.js';
import { getAlgorithm } from '#src/ml/algorithms/algorithms.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import type { WindowedData } from '#src/ml/windows/windowed-data.js';
import { trainingContext } from './synthetic-windows.js';

const MEMBERS = ['seasonal-naive', 'ridge', 'drift'];

const NONE = { transform: 'none', state: {} };

/** Every member reads all columns as they are, and its numbers are in original units. */
export function memberOf(data: WindowedData, model: ModelState): EnsembleMember {
  return {
    name: model.algorithm,
    model,
    inputs: data.inputs.names.map((_, at) => at),
    ...(data.future && { future: data.future.names.map((_, at) => at) }),
    targets: data.targets.names.map((_, at) => ({ at, chain: NONE })),
  };
}

export async function ensembleOf(
  data: WindowedData,
  names: readonly string[] = MEMBERS,
): Promise<NonNullable<TrainingContext['ensemble']>> {
  const members: EnsembleMember[] = [];
  for (const name of names) {
    const algorithm = getAlgorithm(name);
    const { model } = await algorithm.fit(
      data,
      resolveParameters(algorithm.hyperparameters, {}, 'algorithm.hyperparameters'),
      trainingContext(),
    );
    members.push(memberOf(data, model));
  }
  return { targets: data.targets.names.map(() => NONE), members };
}

/**
 * An algorithm as the contract suites train it: one that combines finished models gets members that were trained on
 * `original(data)`, the data as they were before a test changed them; all others are left as they are.
 */
export function withMembers(algorithm: Algorithm, original: (data: WindowedData) => WindowedData): Algorithm {
  if (algorithm.combines !== true) return algorithm;
  const trained = new Map<string, ReturnType<typeof ensembleOf>>();
  const membersOf = (data: WindowedData): ReturnType<typeof ensembleOf> => {
    const key = `${data.times.length} ${data.lookBack} ${data.future === undefined}`;
    const found = trained.get(key) ?? ensembleOf(original(data));
    trained.set(key, found);
    return found;
  };
  return {
    ...algorithm,
    fit: async (data, hyperparameters, context) =>
      algorithm.fit(data, hyperparameters, { ...context, ensemble: await membersOf(data) }),
  };
}
