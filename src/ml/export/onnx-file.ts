import type { ModelState } from '../algorithms/algorithm.js';
import { DIRECTIONS } from '../windows/direction-labels.js';
import { canonicalJson } from './canonical-json.js';
import { encodeWithFreeBatch } from './free-batch.js';
import { driftForecast, meanForecast, repetitionForecast, ridgeForecast } from './onnx-linear.js';
import { importedForecast } from './onnx-imported.js';
import { isGraphNetwork, networkForecast } from './onnx-network.js';

type Build = Parameters<typeof encodeWithFreeBatch>[2];

const BUILDS: Readonly<Record<string, (state: ModelState) => Build>> = {
  naive: repetitionForecast,
  'seasonal-naive': repetitionForecast,
  drift: driftForecast,
  'historic-mean': meanForecast,
  ridge: ridgeForecast,
};

/** What values a graph takes and gives; whoever runs it elsewhere has to know. */
const SCALING =
  'window and forecast are in the scaled units of the training: processing.json beside this file holds the fitted ' +
  'transforms of inputs and targets, in their order';

/**
 * A model as an ONNX file of standard operators (version 17), for any runtime: `window` [batch, lookBack, columns], oldest
 * row first, to `forecast` [batch, horizon, targets], with a free batch size; ridge with covariates reads `known_future`
 * [batch, 1 + horizon, covariates], origin first. A model of directions gives `probabilities` [batch, horizon, targets, 3]
 * instead, in the order of the metadata's `classes`. Names of columns and targets are in the metadata. Equal states give
 * equal bytes. Null for an algorithm that is no such graph. An ONNX file that was imported is given as it came, with its
 * own ends.
 */
export function onnxModelOf(state: ModelState, lineage: Readonly<Record<string, unknown>> = {}): Uint8Array | null {
  if (state.onnx !== undefined) return state.onnx;
  const build = buildOf(state);
  if (build === null) return null;
  const { algorithm, lookBack, horizon, inputs, targets } = state;
  const isDirection = state.task === 'direction';
  const classes = isDirection ? { classes: DIRECTIONS } : {};
  const told = { algorithm, ...classes, lookBack, horizon, columns: inputs, targets, scaling: SCALING, ...lineage };
  const metadata = Object.entries(told).map(([key, value]) => {
    return [key, typeof value === 'string' ? value : canonicalJson(value)] as const;
  });
  return encodeWithFreeBatch(
    algorithm,
    isDirection ? 'probabilities' : 'forecast',
    build,
    Object.fromEntries(metadata),
  );
}

function buildOf(state: ModelState): Build | null {
  if (state.network && state.algorithm === 'imported') return importedForecast(state, state.network);
  if (state.network) return isGraphNetwork(state) ? networkForecast(state, state.network) : null;
  const build = Object.hasOwn(BUILDS, state.algorithm) ? BUILDS[state.algorithm] : undefined;
  return build ? build(state) : null;
}
