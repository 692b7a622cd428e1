import { strToU8, zipSync } from 'fflate';
import type { NetworkArchitecture, NetworkWeights } from '../engine/network.js';
import { checkWeights, networkGraph } from '../engine/network-graph.js';
import { canonicalJson } from './canonical-json.js';
import { writeHdf5, type Hdf5Dataset } from './hdf5-file.js';
import { kerasConfig } from './keras-config.js';
import { kerasVariables } from './keras-order.js';

/** The Keras version whose files these were compared with; Keras itself does not read it. */
const KERAS_VERSION = '3.15.1';

/** The earliest time that a zip entry can have: archives with equal content are equal. */
const ZIP_EPOCH = new Date(1980, 0, 1);

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
  const variables = kerasVariables(graph);
  const datasets = variables.map(({ layer, weight, path }): Hdf5Dataset => {
    const { shape, data } = weights[layer.name]![weight.name]!;
    return { path, shape, data };
  });
  // For people who look into the file: Keras goes by the group alone.
  const names = [...new Map(variables.map(({ group, layer }) => [group, layer.name]))].map(([group, value]) => ({
    group,
    name: 'name',
    value,
  }));
  return zipSync(
    {
      'metadata.json': strToU8(canonicalJson({ keras_version: KERAS_VERSION, ...metadata })),
      'config.json': strToU8(JSON.stringify(kerasConfig(graph))),
      'model.weights.h5': await writeHdf5(datasets, names),
    },
    { level: 6, mtime: ZIP_EPOCH },
  );
}
