import { strToU8, zipSync } from 'fflate';
import type { NetworkArchitecture, NetworkWeights } from '../engine/network.js';
import { checkWeights, networkGraph } from '../engine/network-graph.js';
import { canonicalJson } from './canonical-json.js';
import { writeHdf5, type Hdf5Dataset } from './hdf5-file.js';
import { kerasConfig } from './keras-config.js';
import { kerasGroups } from './keras-order.js';

/** The Keras version whose files these were compared with; Keras itself does not read it. */
const KERAS_VERSION = '3.15.1';

/** The earliest time that a zip entry can have: archives with equal content are equal. */
const ZIP_EPOCH = new Date(1980, 0, 1);

/** Recurrent layers keep their variables in a cell below the layer. */
const WEIGHT_GROUPS: Readonly<Record<string, string>> = { LSTM: 'cell/vars', GRU: 'cell/vars' };

/**
 * A `.keras` file (Keras v3): a zip of `config.json`, `model.weights.h5` and `metadata.json`. Equal input gives equal
 * bytes. `metadata` is ours: Keras never reads that file, so lineage and how to use the model can travel in it.
 * Throws for weights that are missing, misshapen or not finite. Source: keras/src/saving/saving_lib.py of Keras 3.15.
 */
export async function writeKeras(
  architecture: NetworkArchitecture,
  weights: NetworkWeights,
  metadata: Readonly<Record<string, unknown>> = {},
): Promise<Uint8Array> {
  const graph = networkGraph(architecture);
  checkWeights(graph, weights);
  const groups = kerasGroups(graph);
  const weighted = graph.layers.filter((layer) => layer.weights.length > 0);
  const groupOf = ({ name, type }: { name: string; type: string }) =>
    `${groups.get(name)!}/${WEIGHT_GROUPS[type] ?? 'vars'}`;
  const datasets = weighted.flatMap((layer): Hdf5Dataset[] =>
    layer.weights.map(({ name, shape }, at) => ({
      path: `${groupOf(layer)}/${at}`,
      shape,
      data: weights[layer.name]![name]!.data,
    })),
  );
  // For people who look into the file: Keras goes by the group alone.
  const names = weighted.map((layer) => ({ group: groupOf(layer), name: 'name', value: layer.name }));
  return zipSync(
    {
      'metadata.json': strToU8(canonicalJson({ keras_version: KERAS_VERSION, ...metadata })),
      'config.json': strToU8(JSON.stringify(kerasConfig(graph))),
      'model.weights.h5': await writeHdf5(datasets, names),
    },
    { level: 6, mtime: ZIP_EPOCH },
  );
}
