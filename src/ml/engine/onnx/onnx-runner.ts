import { flattenWeights, nestWeights, type FlatWeights } from '../flat-weights.js';
import { sizeOf } from '../graph/graph-builder.js';
import { checkWeights, networkGraph, type NetworkGraph } from '../network-graph.js';
import type { NetworkRunner } from '../network-engine.js';
import type { NetworkArchitecture, NetworkWeights } from '../network.js';
import type { TrainingBatches, TrainingSetup } from '../training-setup.js';
import { blockRows, compileForecast } from './forecast-graph.js';
import { openSession, type OnnxEngineName, type OnnxSession, type RuntimeTensor } from './runtime.js';
import { compileTraining } from './training-graph.js';
import { openTrainingState } from './training-state.js';

/** In one run of the forward pass, a multiple of every block: bounds memory, and the time in which nothing else can happen. */
const ROWS_AT_ONCE = 2_048;

/** A network as ONNX graphs, run by ONNX Runtime; see `NetworkRunner`. */
export async function openOnnxRunner(
  engine: OnnxEngineName,
  architecture: NetworkArchitecture,
  initial: NetworkWeights,
  training: TrainingSetup | null,
): Promise<NetworkRunner> {
  const graph = networkGraph(architecture);
  const rowsOfBlock = blockRows(graph);
  if (graph.outputs.length !== 1) throw new Error(`network ${graph.name} has ${graph.outputs.length} outputs, not 1`);
  checkWeights(graph, initial);
  let host = flattenWeights(graph, initial);
  const trainer = training && (await openTrainer(engine, graph, host, training));
  // Weights that do not change are part of the model: the runtime packs them once.
  const forward = await openSession(engine, compileForecast(graph, trainer ? null : initial));
  const sizes = graph.inputs.map(({ shape }) => sizeOf(shape));
  const outputSize = sizeOf(graph.layers.find(({ name }) => name === graph.outputs[0])!.outputShape);

  /** Whether training has moved the weights since `host` was read. */
  let isStale = false;
  const refresh = (): void => {
    if (!trainer || !isStale) return;
    isStale = false;
    for (const [path, data] of Object.entries(trainer.state.read('weights'))) host[path] = { ...host[path]!, data };
  };

  return {
    engine,
    async predict(inputs, rows) {
      refresh();
      const weights = trainer
        ? Object.fromEntries(Object.entries(host).map(([path, { shape, data }]) => [path, forward.tensor(data, shape)]))
        : {};
      const output = new Float32Array(rows * outputSize);
      for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
        const used = Math.min(ROWS_AT_ONCE, rows - from);
        const blocks = Math.ceil(used / rowsOfBlock);
        const feeds: Record<string, RuntimeTensor> = { ...weights };
        graph.inputs.forEach(({ shape }, n) => {
          const filled = new Float32Array(blocks * rowsOfBlock * sizes[n]!);
          filled.set(inputs[n]!.subarray(from * sizes[n]!, (from + used) * sizes[n]!));
          feeds[`input${n}`] = forward.tensor(filled, [blocks, rowsOfBlock, ...shape]);
        });
        const { output: values } = await forward.run(feeds, { output: null });
        output.set((values!.data as Float32Array).subarray(0, used * outputSize), from * outputSize);
      }
      return output;
    },
    async train(batches) {
      if (!trainer) throw new Error('this runner was not opened for training');
      isStale = true;
      return trainer.run(batches);
    },
    weights() {
      refresh();
      return nestWeights(host);
    },
    optimiser() {
      if (!trainer) throw new Error('this runner was not opened for training');
      return trainer.optimiser();
    },
    setWeights(weights) {
      if (!trainer) throw new Error('the weights of a runner that only predicts are part of its model');
      checkWeights(graph, weights);
      host = flattenWeights(graph, weights);
      isStale = false;
      trainer.state.write('weights', Object.fromEntries(Object.entries(host).map(([path, { data }]) => [path, data])));
    },
    async dispose() {
      await forward.release();
      await trainer?.session.release();
    },
  };
}

async function openTrainer(engine: OnnxEngineName, network: NetworkGraph, weights: FlatWeights, setup: TrainingSetup) {
  const compiled = compileTraining(network, setup);
  const { optimiser, dropouts, targets } = compiled;
  const { batchSize } = setup;
  const session: OnnxSession = await openSession(engine, compiled.model);
  const state = openTrainingState(session, compiled, weights, setup.state);
  const fixed = Object.fromEntries(
    compiled.fixed.map((path) => [path, session.tensor(weights[path]!.data, weights[path]!.shape)]),
  );
  let step = setup.state?.step ?? 0;
  let powers = setup.state?.powers ?? optimiser.initialPowers;
  return {
    session,
    state,
    async run({ steps, inputs, targets: wanted, weights: rows, learningRates, masks, targetWeights }: TrainingBatches) {
      const scalars = optimiser.scalars.map(() => new Float32Array(steps));
      for (let at = 0; at < steps; at++) {
        const next = optimiser.advance(learningRates[at]!, powers);
        next.scalars.forEach((value, n) => (scalars[n]![at] = value));
        powers = next.powers;
      }
      step += steps;
      const { losses } = await session.run(
        {
          ...state.current(),
          ...fixed,
          ...Object.fromEntries(
            network.inputs.map(({ shape }, n) => [
              `input${n}`,
              session.tensor(inputs[n]!, [steps, batchSize, ...shape]),
            ]),
          ),
          targets: session.tensor(wanted, [steps, batchSize, targets]),
          rows: session.tensor(rows, [steps, batchSize, 1]),
          ...(setup.masksTargets === true && {
            targetWeights: session.tensor(targetWeights!, [steps, batchSize, targets]),
          }),
          ...Object.fromEntries(optimiser.scalars.map((name, n) => [name, session.tensor(scalars[n]!, [steps, 1, 1])])),
          ...Object.fromEntries(
            dropouts.map(({ layer, shape }) => [
              `mask:${layer}`,
              session.tensor(masks[layer]!, [steps, batchSize, ...shape]),
            ]),
          ),
        },
        { ...state.next(), losses: null },
      );
      state.advance();
      return (losses!.data as Float32Array).slice();
    },
    optimiser: () => ({
      step,
      powers,
      slots: Object.fromEntries(optimiser.slots.map((slot) => [slot, state.read(slot)])),
    }),
  };
}
