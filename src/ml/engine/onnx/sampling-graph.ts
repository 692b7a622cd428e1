import { SMALLEST_DEVIATION } from '../element-loss.js';
import { add, divide, exp, multiply, softplus, squareRoot, subtract } from '../graph/elementwise.js';
import { GraphBuilder, type SymbolicTensor } from '../graph/graph-builder.js';
import { concat, reshape, slice, split } from '../graph/movement.js';
import { gemm } from '../graph/products.js';
import { expand } from '../graph/reductions.js';
import { scan } from '../graph/scan.js';
import type { GraphLayer, NetworkGraph } from '../network-graph.js';
import type { NetworkWeights } from '../network.js';
import { lstmCell } from './layers/lstm.js';
import type { RecurrentCell } from './layers/recurrent.js';
import { encodeOnnxModel } from './onnx-model.js';

/**
 * A recurrent network that forecasts by sampling: each step reads its own last value and gives the distribution of the
 * next one, from which a value is drawn and read by the step after it.
 */
export interface AutoregressivePlan {
  /**
   * LSTM layers that give sequences and a Dense layer of 2 (gaussian) or 3 (student-t) values, dropout between them, over
   * [steps, own values · covariates]: the newest own value first, then the oldest of `lags` where that is more than 1.
   */
  readonly network: NetworkGraph;
  readonly weights: NetworkWeights;
  readonly distribution: 'gaussian' | 'student-t';
  /** True: what is drawn is the change from the newest own value. */
  readonly drawsChange: boolean;
  /** Own values back to the one that a step reads besides the newest; 1 for none. */
  readonly lags: number;
  readonly covariates: number;
  /** Steps whose values are known; 0 or more. */
  readonly encoded: number;
  readonly horizon: number;
  readonly paths: number;
  /**
   * [horizon, paths] each, the same for every origin: standard normal values; for student-t −2·ln u and cos 2πv of uniform
   * u and v.
   */
  readonly noise: readonly Float32Array[];
}

/**
 * Compiles a forecast by sampling: a `Scan` over origins, one at a time, so that the numbers of an origin are the same
 * whatever stands beside it; inside, one over the known steps and one over the horizon, all paths side by side.
 * Inputs: `known` [origins, encoded, own values + covariates + 1] with a last column of ones, left out where nothing is
 * encoded; `history` [origins, lags], newest last; `covariates` [origins, horizon, covariates + 1], ones last. Output
 * `paths` [origins, horizon, paths].
 * Source: Salinas, Flunkert, Gasthaus & Januschowski, DeepAR, International Journal of Forecasting 36 (2020), section 3.
 */
export function compileSampling(plan: AutoregressivePlan): Uint8Array {
  const { network, weights, lags, covariates, encoded, horizon, paths, noise } = plan;
  const g = new GraphBuilder();
  const own = lags > 1 ? 2 : 1;
  const width = own + covariates;
  const constant = (layer: GraphLayer, name: string): SymbolicTensor => {
    const { shape, data } = weights[layer.name]![name]!;
    return g.constant(data, shape);
  };
  const cells = network.layers
    .filter(({ type }) => type === 'LSTM')
    .map((layer): RecurrentCell => {
      const units = layer.config['units'] as number;
      const shape = { rows: paths, steps: horizon, width: layer.inputShapes[0]![1]!, units };
      return lstmCell(g, shape, Object.fromEntries(layer.weights.map(({ name }) => [name, constant(layer, name)])));
    });
  const head = network.layers.find(({ type }) => type === 'Dense')!;
  const headKernel = constant(head, 'kernel');
  const values = headKernel.shape[1]!;
  const headBias = reshape(g, constant(head, 'bias'), [values, 1]);
  const draws = noise.map((list) => g.constant(list, [horizon, 1, paths]));
  const one = g.constant(1, [1, paths]);

  /** The states of all layers, h and c of each, after a step on [width + 1, rows]. */
  const advance = (states: readonly SymbolicTensor[], input: SymbolicTensor): SymbolicTensor[] => {
    const rows = input.shape[1]!;
    let read = input;
    return cells.flatMap((cell, n) => {
      if (n > 0) read = concat(g, [read, rows === paths ? one : g.constant(1, [1, rows])], 0);
      const step = cell.forward([states[2 * n]!, states[2 * n + 1]!], read);
      read = step.states[0]!;
      return [...step.states];
    });
  };
  const unitsOf = cells.map(({ matrix }) => matrix.shape[0]! / 4);
  const zeros = unitsOf.flatMap((units) => [g.constant(0, [units, 1]), g.constant(0, [units, 1])]);

  const known = g.input('known', [1, encoded, width + 1]);
  const history = g.input('history', [1, lags]);
  const ahead = g.input('covariates', [1, horizon, covariates + 1]);
  const given = [...(encoded > 0 ? [known] : []), history, ahead];
  const { collected } = scan(g, [], given, (_none, slices) => {
    const [ownHistory, ownAhead] = slices.slice(-2) as [SymbolicTensor, SymbolicTensor];
    const encodedStates =
      encoded > 0
        ? scan(g, zeros, [reshape(g, slices[0]!, [encoded, width + 1, 1])], (states, [input]) => ({
            states: advance(states, input!),
            collected: [],
          })).states
        : zeros;
    const spread = encodedStates.map((state) => expand(g, state, [state.shape[0]!, paths]));
    const past = expand(g, reshape(g, ownHistory, [lags, 1]), [lags, paths]);
    const decoded = scan(
      g,
      [...spread, past],
      [reshape(g, ownAhead, [horizon, covariates + 1, 1]), ...draws],
      (states, [covariate, ...drawn]) => {
        const before = states[states.length - 1]!;
        const newest = lags > 1 ? slice(g, before, 0, lags - 1, lags) : before;
        const oldest = lags > 1 ? [slice(g, before, 0, 0, 1)] : [];
        const others = expand(g, covariate!, [covariates + 1, paths]);
        const next = advance(states.slice(0, -1), concat(g, [newest, ...oldest, others], 0));
        const hidden = next[next.length - 2]!;
        const raw = add(g, gemm(g, headKernel, hidden, null, { a: true }), headBias);
        const value = drawValue(g, plan, raw, drawn);
        const sampled = plan.drawsChange ? add(g, newest, value) : value;
        const after = lags > 1 ? concat(g, [slice(g, before, 0, 1, lags), sampled], 0) : sampled;
        return { states: [...next, after], collected: [reshape(g, sampled, [paths])] };
      },
    );
    return { states: [], collected: [decoded.collected[0]!] };
  });
  return encodeOnnxModel({
    name: network.name,
    nodes: [
      ...g.nodes,
      { operator: 'Identity', inputs: [collected[0]!.name], outputs: ['paths'], attributes: {}, captures: [] },
    ],
    initialisers: g.initialisers,
    inputs: given.map((tensor) => ({ ...tensor, shape: ['origins', ...tensor.shape.slice(1)] })),
    outputs: [{ name: 'paths', shape: ['origins', horizon, paths], type: g.precision }],
  });
}

/**
 * One value for each path. A Student t of ν degrees of freedom is √(ν·(u^(−2/ν) − 1))·cos 2πv.
 * Source: Bailey, Polar Generation of Random Variates with the t-Distribution, Mathematics of Computation 62 (1994).
 */
function drawValue(
  g: GraphBuilder,
  { distribution }: AutoregressivePlan,
  raw: SymbolicTensor,
  drawn: readonly SymbolicTensor[],
): SymbolicTensor {
  const [location, rawScale, rawFreedom] = split(g, raw, 0, new Array<number>(raw.shape[0]!).fill(1));
  const scale = add(g, softplus(g, rawScale!), SMALLEST_DEVIATION);
  if (distribution === 'gaussian') return add(g, location!, multiply(g, scale, drawn[0]!));
  const freedom = add(g, softplus(g, rawFreedom!), 2);
  const radius = squareRoot(g, multiply(g, freedom, subtract(g, exp(g, divide(g, drawn[0]!, freedom)), 1)));
  return add(g, location!, multiply(g, scale, multiply(g, radius, drawn[1]!)));
}
