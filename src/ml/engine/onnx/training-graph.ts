import { dropoutLayers, type DropoutLayer } from '../dropout-masks.js';
import { divide, multiply } from '../graph/elementwise.js';
import { gradients } from '../graph/gradients.js';
import { GraphBuilder, liveNodes, sizeOf, type SymbolicTensor } from '../graph/graph-builder.js';
import { concat, reshape, split } from '../graph/movement.js';
import type { Shape } from '../layers.js';
import type { NetworkGraph } from '../network-graph.js';
import { outputsPerTarget, type TrainingSetup } from '../training-setup.js';
import { weightedLoss, weightScale } from './losses.js';
import { lowerNetwork } from './lower-network.js';
import { encodeOnnxModel } from './onnx-model.js';
import { graphOptimiser, type GraphOptimiser } from './optimisers.js';

/** Weights that are trained as one row of values. */
export interface WeightGroup {
  readonly name: string;
  /** [1, size]. */
  readonly shape: Shape;
  readonly members: readonly { readonly path: string; readonly shape: Shape; readonly offset: number }[];
}

export interface TrainingGraph {
  readonly model: Uint8Array;
  readonly groups: readonly WeightGroup[];
  readonly optimiser: GraphOptimiser;
  /** `layer/weight` of weights that are not trained: inputs of the model. */
  readonly fixed: readonly string[];
  readonly dropouts: readonly DropoutLayer[];
  readonly targets: number;
}

/**
 * Weights below this size share a vector: an operator costs about half a microsecond however little it does. Larger
 * ones stay alone, since cutting and joining the vector copies them twice in each step.
 */
const SMALL_WEIGHT = 16_384;

/**
 * Compiles a network, its loss, the gradients and the optimiser into one ONNX graph: a `Scan` over steps whose state
 * is the weights and what the optimiser keeps. One run takes any number of steps.
 *
 * Inputs: `{slot}:{group}` and `weights:{group}`; `input{n}`, `targets`, `rows` (weights of rows), `targetWeights`
 * where targets are masked, the optimiser's scalars and `mask:{layer}`, each with the steps as first axis; weights that are not trained by their path.
 * Outputs: the states by the same names with a `'`, and `losses` [steps].
 */
export function compileTraining(network: NetworkGraph, setup: TrainingSetup): TrainingGraph {
  const g = new GraphBuilder();
  const { batchSize } = setup;
  const optimiser = graphOptimiser(setup.optimiser);
  const output = network.layers.find(({ name }) => name === network.outputs[0])!;
  const targets = sizeOf(output.outputShape) / outputsPerTarget(setup.loss);

  const groups = groupWeights(network);
  const states = groups.map((group) => ({
    parameter: ofStep(g, `weights:${group.name}`, group.shape),
    slots: optimiser.slots.map((slot) => ofStep(g, `${slot}:${group.name}`, group.shape)),
  }));
  const members = groups.map((group, n) => openGroup(g, group, states[n]!.parameter));
  const fixed = network.layers
    .filter(({ trainable }) => !trainable)
    .flatMap((layer) => layer.weights.map(({ name, shape }) => g.input(`${layer.name}/${name}`, shape)));
  const dropouts = dropoutLayers(network);

  const inputs = network.inputs.map(({ shape }, n) => ofStep(g, `input${n}`, [batchSize, ...shape]));
  const target = ofStep(g, 'targets', [batchSize, targets]);
  const rows = ofStep(g, 'rows', [batchSize, 1]);
  const counted = setup.masksTargets === true ? ofStep(g, 'targetWeights', [batchSize, targets]) : null;
  const scalars = optimiser.scalars.map((name) => ofStep(g, name, [1, 1]));
  const masks = dropouts.map(({ layer, shape }) => ofStep(g, `mask:${layer}`, [batchSize, ...shape]));

  const prediction = lowerNetwork(g, network, {
    inputs,
    weights: Object.fromEntries([
      ...groups.flatMap((group, n) => group.members.map(({ path }, at) => [path, members[n]![at]!] as const)),
      ...fixed.map((tensor) => [tensor.name, tensor] as const),
    ]),
    masks: Object.fromEntries(masks.map((mask, n) => [dropouts[n]!.layer, mask])),
  });
  const { scaled, total } = weightedLoss(
    g,
    setup.loss,
    prediction,
    target,
    counted ? multiply(g, rows, counted) : rows,
  );
  const found = gradients(g, total, members.flat());
  const updated = g.withoutRecording(() => {
    let at = 0;
    const joined = groups.map(({ members }) => joinGroup(g, found.slice(at, (at += members.length))));
    const clipped = setup.clipNorm === null ? joined : clipByNorm(g, joined, setup.clipNorm);
    return states.map(({ parameter, slots }, n) => optimiser.apply(g, parameter, clipped[n]!, slots, scalars));
  });

  const scale = g.constant(weightScale(setup.loss));
  const before = states.flatMap(({ parameter, slots }) => [parameter, ...slots]);
  const scanned = [...inputs, target, rows, ...(counted ? [counted] : []), ...scalars, ...masks];
  const outputs = [...updated.flatMap(({ parameter, slots }) => [parameter, ...slots]), scaled];
  const nodes = liveNodes(g.nodes, outputs);
  const model = encodeOnnxModel({
    name: network.name,
    nodes: [
      // What can be done for all steps of a call at once stays out of the scan.
      {
        operator: 'Mul',
        inputs: [outside(rows.name), g.constant(weightScale(setup.loss) / targets).name],
        outputs: [SCALED_ROWS],
        attributes: {},
        captures: [],
      },
      {
        operator: 'Scan',
        inputs: [...before, ...scanned].map((tensor) => (tensor === rows ? SCALED_ROWS : outside(tensor.name))),
        outputs: [...before.map(({ name }) => `${outside(name)}'`), SCALED_LOSSES],
        attributes: {
          body: { graph: { nodes, inputs: [...before, ...scanned], outputs } },
          num_scan_inputs: { int: scanned.length },
        },
        captures: [],
      },
      {
        operator: 'Div',
        inputs: [SCALED_LOSSES, scale.name],
        outputs: ['losses'],
        attributes: {},
        captures: [],
      },
    ],
    initialisers: g.initialisers,
    inputs: [
      ...before.map((tensor) => ({ ...tensor, name: outside(tensor.name) })),
      ...scanned.map((tensor) => ({ ...tensor, name: outside(tensor.name), shape: ['steps', ...tensor.shape] })),
      ...fixed,
    ],
    outputs: [
      ...before.map((tensor) => ({ ...tensor, name: `${outside(tensor.name)}'` })),
      { name: 'losses', shape: ['steps'], type: g.precision },
    ],
  });
  return {
    model,
    groups,
    optimiser,
    fixed: fixed.map(({ name }) => name),
    dropouts,
    targets,
  };
}

/** Names inside the body of a scan must not be those around it. */
const INSIDE = '@step';
const SCALED_ROWS = 'scaledRows';
const SCALED_LOSSES = 'scaledLosses';
const ofStep = (g: GraphBuilder, name: string, shape: Shape): SymbolicTensor => g.input(`${name}${INSIDE}`, shape);
const outside = (name: string): string => name.slice(0, -INSIDE.length);

function groupWeights(network: NetworkGraph): WeightGroup[] {
  const trained = network.layers
    .filter(({ trainable }) => trainable)
    .flatMap((layer) => layer.weights.map(({ name, shape }) => ({ path: `${layer.name}/${name}`, shape })));
  const isLarge = ({ shape }: { readonly shape: Shape }): boolean => sizeOf(shape) >= SMALL_WEIGHT;
  let offset = 0;
  const small = trained
    .filter((weight) => !isLarge(weight))
    .map((weight) => {
      const member = { ...weight, offset };
      offset += sizeOf(weight.shape);
      return member;
    });
  const alone = trained
    .filter(isLarge)
    .map(({ path, shape }) => ({ name: path, shape: [1, sizeOf(shape)], members: [{ path, shape, offset: 0 }] }));
  return small.length > 0 ? [...alone, { name: 'small', shape: [1, offset], members: small }] : alone;
}

/** The members of a group as values that gradients are taken of. */
function openGroup(g: GraphBuilder, { members }: WeightGroup, parameter: SymbolicTensor): readonly SymbolicTensor[] {
  if (members.length === 1) return [g.parameter(reshape(g, parameter, members[0]!.shape))];
  const sizes = members.map(({ shape }) => sizeOf(shape));
  const rows = split(g, parameter, 1, sizes);
  return members.map(({ shape }, n) => g.parameter(reshape(g, rows[n]!, shape)));
}

function joinGroup(g: GraphBuilder, parts: readonly SymbolicTensor[]): SymbolicTensor {
  const rows = parts.map((part) => reshape(g, part, [1, sizeOf(part.shape)]));
  return concat(g, rows, 1);
}

/** Shortens the gradient, all groups taken as one vector, to `norm`. Source: Pascanu et al., ICML 2013. */
function clipByNorm(g: GraphBuilder, parts: readonly SymbolicTensor[], norm: number): SymbolicTensor[] {
  const squares = parts.map((part) => g.emit('ReduceSumSquare', [part], [], { keepdims: { int: 0 } }));
  const total = squares.length === 1 ? squares[0]! : g.emit('Sum', squares, []);
  const length = g.emit('Max', [g.emit('Sqrt', [total], []), g.constant(norm)], []);
  const factor = divide(g, norm, length);
  return parts.map((part) => multiply(g, part, factor));
}
