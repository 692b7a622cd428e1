import type { NetworkArchitecture } from '../../engine/network.js';
import { DIRECTIONS, labelsOfTarget, UNLABELLED } from '../../windows/direction-labels.js';
import type { WindowedData } from '../../windows/windowed-data.js';
import { networkSamples, type NetworkSamples } from './network-samples.js';
import type { SampleLayout } from './sample-layout.js';

/** Samples whose targets are the labels of their changes; those without an observed change cost nothing. */
export function labelledSamples(data: WindowedData, layout: SampleLayout): NetworkSamples {
  const samples = networkSamples(data, layout);
  const { horizon, origins } = data;
  const rows = data.times.length;
  const all = Int32Array.from([...origins.train, ...origins.validation]);
  const parts =
    layout.channels === 'joint' ? [data.targets.names.map((_, k) => k)] : data.targets.names.map((_, k) => [k]);
  // By origin: [horizon, targets of the part].
  const tables = parts.map((targets) => {
    const width = horizon * targets.length;
    const table = new Uint8Array(rows * width).fill(UNLABELLED);
    targets.forEach((target, k) => {
      labelsOfTarget(data, target, all).forEach((label, at) => {
        const step = at % horizon;
        table[all[(at - step) / horizon]! * width + step * targets.length + k] = label;
      });
    });
    return table;
  });
  const width = horizon * layout.targets;
  return {
    ...samples,
    targets: { tables, width, first: 0, length: 1 },
    weightOf: countingLabels(samples, tables, width),
  };
}

/**
 * The loss of a batch is a mean over all its target values, those that cost nothing included. Weights that are larger by
 * the inverse of the share of labels make it, over an epoch, a mean over the labels.
 */
function countingLabels(
  { train, parts, weightOf }: NetworkSamples,
  tables: readonly Uint8Array[],
  width: number,
): NetworkSamples['weightOf'] {
  let [labelled, all] = [0, 0];
  for (const sample of train) {
    const weight = weightOf?.(sample) ?? 1;
    const table = tables[sample % parts]!;
    const first = Math.floor(sample / parts) * width;
    for (let at = first; at < first + width; at++) if (table[at] !== UNLABELLED) labelled += weight;
    all += weight * width;
  }
  if (labelled === all || labelled === 0) return weightOf;
  const factor = all / labelled;
  return (sample) => (weightOf?.(sample) ?? 1) * factor;
}

/** Names of the layers that `withProbabilities` adds. */
const ADDED_LAYERS = ['logits', 'probabilities'];

/** The network that was trained, of one that was kept: the inverse of `withProbabilities`. */
export function withoutProbabilities(architecture: NetworkArchitecture): NetworkArchitecture {
  const layers = architecture.layers.slice(0, -ADDED_LAYERS.length);
  const [logits] = architecture.layers.slice(-ADDED_LAYERS.length);
  return { ...architecture, layers, outputs: [logits!.from![0]!] };
}

/**
 * The network that is kept: after the logits [horizon, targets · 3] that are trained, the probabilities
 * [horizon, targets, 3], so that an exported file gives what the model gives.
 */
export function withProbabilities(
  architecture: NetworkArchitecture,
  horizon: number,
  targets: number,
): NetworkArchitecture {
  const shape = [horizon, targets, DIRECTIONS.length];
  return {
    ...architecture,
    layers: [
      ...architecture.layers,
      { type: 'Reshape', name: ADDED_LAYERS[0]!, config: { target_shape: shape }, from: [architecture.outputs[0]!] },
      { type: 'Activation', name: ADDED_LAYERS[1]!, config: { activation: 'softmax' } },
    ],
    outputs: [ADDED_LAYERS[1]!],
  };
}
