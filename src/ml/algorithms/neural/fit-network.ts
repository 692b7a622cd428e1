import { dropoutLayers } from '../../engine/dropout-masks.js';
import { initialWeights } from '../../engine/initial-weights.js';
import { networkGraph } from '../../engine/network-graph.js';
import { openEngine } from '../../engine/open-engine.js';
import { createRandom } from '../../engine/random.js';
import type { LossSpecification } from '../../engine/training-setup.js';
import { weightTensors } from '../../export/network-weights.js';
import type { ParameterValues } from '../../parameters.js';
import type { WindowedData } from '../../windows/windowed-data.js';
import type { FitOutcome, ModelState, TrainingContext } from '../algorithm.js';
import type { PreparedNetwork } from './frame-network.js';
import { lossFacts } from './loss-parameters.js';
import { labelledSamples, withProbabilities } from './direction-network.js';
import { networkLoss } from './network-loss.js';
import { measureOrigin, originNetwork, refuseOtherNetwork } from './network-origin.js';
import { networkSamples, type NetworkSamples } from './network-samples.js';
import { initialProgress, STREAMS, trainNetwork, type NetworkJob } from './network-training.js';
import { layoutFacts, prepareLayout, type PreparedLayout, type SampleLayout } from './sample-layout.js';
import { optimiserOf, type TrainingParameters } from './training-parameters.js';
import { decodeProgress } from './training-progress.js';

/** What one network algorithm brings: everything else about training it is the same for all. */
export interface NetworkPlan {
  readonly algorithm: string;
  readonly hyperparameters: ParameterValues;
  readonly training: TrainingParameters;
  readonly channels: SampleLayout['channels'];
  readonly loss: LossSpecification;
  /** The network over one sample: from [lookBack, columns] to [horizon, targets · outputs per target]. */
  build(layout: PreparedLayout): PreparedNetwork;
  /** What it is trained on, where that is not windows and the rows after them as they are. */
  samples?(layout: SampleLayout): NetworkSamples;
  /** What its own way of forecasting needs of the training. */
  facts?(layout: SampleLayout): ModelState['facts'];
}

/** Builds, trains and packs a network. */
export async function fitNetwork(plan: NetworkPlan, data: WindowedData, context: TrainingContext): Promise<FitOutcome> {
  const { training, loss: specification } = plan;
  const origin = context.warmStart === undefined ? null : originNetwork(context.warmStart);
  const own = prepareLayout(data, plan.channels);
  const built = plan.build(own);
  if (origin !== null) refuseOtherNetwork(built.architecture, origin.architecture);
  const architecture = origin?.architecture ?? built.architecture;
  const layout = origin?.layout ?? own.layout;
  const graph = networkGraph(architecture);
  const engine = await openEngine(context.engine);
  const start = context.resumeFrom
    ? decodeProgress(context.resumeFrom)
    : initialProgress(
        origin?.weights ?? initialWeights(graph, createRandom(context.seed, STREAMS.initialWeights), built.fixed),
      );
  const samples =
    plan.samples?.(layout) ?? (data.directions ? labelledSamples(data, layout) : networkSamples(data, layout));
  const runner = await engine.open(architecture, start.weights, {
    loss: specification,
    optimiser: optimiserOf(training),
    clipNorm: training.clipNorm > 0 ? training.clipNorm : null,
    batchSize: training.batchSize,
    state: start.optimiser,
    masksTargets: samples.targetWeights !== undefined,
  });
  try {
    const job: NetworkJob = {
      runner,
      data: samples,
      loss: specification,
      parameters: training,
      dropouts: dropoutLayers(graph),
    };
    const isFirst = origin !== null && context.resumeFrom === null;
    const from = isFirst ? await measureOrigin(job, start, context) : start;
    const { progress, stopReason } = await trainNetwork(job, from, context);
    const best = progress.best!;
    runner.setWeights(best.weights);
    const loss = (await networkLoss(runner, samples, specification, samples.train, context, true))!;
    const kept =
      best.epoch === 0 && origin !== null ? 'the weights it began with' : `the weights of epoch ${best.epoch}`;
    context.log('info', `Kept ${kept} of ${progress.epoch}; ${stopReason}.`);
    return {
      model: {
        format: 1,
        algorithm: plan.algorithm,
        ...(data.directions && { task: 'direction' as const }),
        hyperparameters: plan.hyperparameters,
        lookBack: data.lookBack,
        horizon: data.horizon,
        inputs: data.inputs.names,
        targets: data.targets.names,
        facts: {
          bestEpoch: best.epoch,
          ...lossFacts(specification),
          ...layoutFacts(layout),
          ...plan.facts?.(layout),
        },
        tensors: weightTensors('', best.weights),
        network: data.directions ? withProbabilities(architecture, data.horizon, layout.targets) : architecture,
      },
      iterations: progress.epoch,
      bestEpoch: best.epoch,
      loss,
      lossName: specification.name === 'categorical-cross-entropy' ? 'log' : specification.name,
      validationLoss: samples.validation.length > 0 ? best.loss : null,
      ...(progress.originLoss !== undefined && { originLoss: progress.originLoss }),
      stopReason,
      engine: engine.name,
    };
  } finally {
    await runner.dispose();
  }
}
