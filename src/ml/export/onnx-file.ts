import type { ModelState } from '../algorithms/algorithm.js';
import { readLoss } from '../algorithms/neural/loss-parameters.js';
import { numbersFact } from '../algorithms/own-series.js';
import { DIRECTIONS } from '../windows/direction-labels.js';
import { canonicalJson } from './canonical-json.js';
import { encodeWithFreeBatch, type BatchedBuild } from './free-batch.js';
import { importedForecast } from './onnx-imported.js';
import { driftForecast, meanForecast, repetitionForecast, ridgeForecast } from './onnx-linear.js';
import { logisticProbabilities } from './onnx-logistic.js';
import { distributionParameters, networkForecast } from './onnx-network.js';
import { treeForecast, whyNoTreeGraph } from './onnx-trees.js';

interface GraphForm {
  readonly build: (state: ModelState) => BatchedBuild;
  /** What the graph counts in between its inputs and outputs, which are of single precision. */
  readonly precision: 'float32' | 'float64';
  /** Absent: every state has a graph. */
  readonly whyNot?: (state: ModelState) => string | null;
}

const FORMS: Readonly<Record<string, GraphForm>> = {
  naive: { build: repetitionForecast, precision: 'float32' },
  'seasonal-naive': { build: repetitionForecast, precision: 'float32' },
  drift: { build: driftForecast, precision: 'float32' },
  'historic-mean': { build: meanForecast, precision: 'float32' },
  ridge: { build: ridgeForecast, precision: 'float32' },
  logistic: { build: logisticProbabilities, precision: 'float64' },
  boosting: { build: treeForecast, precision: 'float64', whyNot: whyNoTreeGraph },
};

const IMPORTED: GraphForm = { build: (state) => importedForecast(state, state.network!), precision: 'float32' };
const NETWORK: GraphForm = { build: (state) => networkForecast(state, state.network!), precision: 'float32' };

/** What a graph takes and gives; whoever runs it elsewhere has to know. */
const SCALING =
  'window and forecast are in the scaled units of the training: processing.json beside this file holds the fitted ' +
  'transforms of inputs and targets, in their order';

const MEANINGS = {
  window: 'rows of the window, oldest first; columns as in `columns`',
  known_future:
    'covariates known in advance, scaled; the last `horizon` rows are the forecast rows, the row before them is the last of the window',
  forecast: 'point forecast by step, then target as in `targets`',
  quantiles: 'quantiles by step, target, then level as in `levels`; never decreasing',
  distribution: 'distribution by step, target, then parameter as in `distribution`',
  probabilities: 'probabilities by step, target, then class as in `classes`',
};

/**
 * A model as an ONNX file of standard operators (version 17, trees with ai.onnx.ml 3), for any runtime: `window`
 * [batch, lookBack, columns], oldest row first, to `forecast` [batch, horizon, targets], with a free batch size. What
 * reads covariates also takes `known_future` [batch, rows, covariates], whose last `horizon` rows are the forecast rows;
 * models of quantiles also give `quantiles` [batch, horizon, targets, levels], networks of a likelihood `distribution`
 * [batch, horizon, targets, parameters]. A model of directions gives `probabilities` [batch, horizon, targets, 3] alone.
 * The metadata have names, shapes and meanings of inputs and outputs, and of columns, targets, levels, parameters and
 * classes. Equal states give equal bytes. Null where `whyNoOnnx` says why. An ONNX file that was imported is given as it
 * came, with its own ends.
 */
export function onnxModelOf(state: ModelState, lineage: Readonly<Record<string, unknown>> = {}): Uint8Array | null {
  if (state.onnx !== undefined) return state.onnx;
  if (whyNoOnnx(state) !== null) return null;
  const { build, precision } = formOf(state)!;
  const { algorithm, lookBack, horizon, inputs, targets } = state;
  const told = {
    algorithm,
    ...order(state),
    lookBack,
    horizon,
    columns: inputs,
    targets,
    scaling: SCALING,
    ...lineage,
  };
  const metadata = Object.entries(told).map(([key, value]) => {
    return [key, typeof value === 'string' ? value : canonicalJson(value)] as const;
  });
  return encodeWithFreeBatch(algorithm, build(state), precision, MEANINGS, Object.fromEntries(metadata));
}

/** Why a model is no ONNX file, as the end of a sentence; null where it is one. */
export function whyNoOnnx(state: ModelState): string | null {
  if (state.ensemble)
    return 'an ensemble is several models behind several processings; its members have files of their own';
  if (state.values)
    return 'its probabilities follow from a distribution around forecasts of values, which no file of one graph has';
  if (state.onnx !== undefined) return null;
  // Its network is one step of a recursion, whose values are in units of each window.
  if (state.algorithm === 'deepar') {
    return 'its forecast is drawn: each step reads the value that was drawn for the one before; model.keras has the network of one step';
  }
  const form = formOf(state);
  if (form === null)
    return 'it passes over each window by rules of its own; linear models, networks and trees are written';
  return form.whyNot?.(state) ?? null;
}

function formOf(state: ModelState): GraphForm | null {
  if (state.network) return state.algorithm === 'imported' ? IMPORTED : NETWORK;
  return Object.hasOwn(FORMS, state.algorithm) ? FORMS[state.algorithm]! : null;
}

/** Order of the last axis of outputs that have one more. */
function order(state: ModelState): Readonly<Record<string, unknown>> {
  if (state.task === 'direction') return { classes: DIRECTIONS };
  if (state.algorithm === 'boosting') {
    const levels = numbersFact(state, 'levels');
    return levels.length > 0 ? { levels } : {};
  }
  if (!state.network) return {};
  const loss = readLoss(state);
  const distribution = distributionParameters(loss);
  if (distribution !== null) return { distribution };
  return loss.name === 'quantile' ? { levels: loss.levels } : {};
}
