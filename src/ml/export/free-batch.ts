import {
  GraphBuilder,
  liveNodes,
  type Attribute,
  type DeclaredValue,
  type GraphNode,
  type Initialiser,
  type SymbolicTensor,
} from '../engine/graph/graph-builder.js';
import { encodeOnnxModel } from '../engine/onnx/onnx-model.js';
import { canonicalJson } from './canonical-json.js';

/** A graph over a batch of `rows`. */
export interface BatchedGraph {
  /** Each [rows, …shape]. */
  readonly inputs: readonly SymbolicTensor[];
  /** Values that the graph reads under these names. */
  readonly weights: readonly Initialiser[];
  /** By name, each [rows, …shape]. */
  readonly outputs: Readonly<Record<string, SymbolicTensor>>;
}

/** Builds a graph over a batch of `rows`. */
export type BatchedBuild = (g: GraphBuilder, rows: number) => BatchedGraph;

/** Sizes that networks do not have; where one has, the two graphs differ in more than it, and the next pair is taken. */
const SAMPLE_SIZES = [
  [1009, 1013],
  [1487, 1489],
  [2003, 2011],
] as const;

/** Operators of ONNX itself, and those that it has for classical models. */
const STANDARD_DOMAINS: readonly (string | undefined)[] = [undefined, 'ai.onnx.ml'];

const BATCH = 'batch';
const BATCH_SIZE = 'batch_size';

/**
 * Encodes a graph for any batch size. Our graphs are built over static shapes, so this builds the same graph for two
 * sizes and compares: whatever is k times the one size and k times the other is k times the batch. Shape constants with
 * such extents become −1 or are computed from the size of the first input, constants of one value are expanded. A graph
 * whose structure depends on the size is a plain error. `meanings` says what each input and output is; the metadata's
 * `inputs` and `outputs` have it, beside names, shapes and types.
 */
export function encodeWithFreeBatch(
  name: string,
  build: BatchedBuild,
  precision: GraphBuilder['precision'],
  meanings: Readonly<Record<string, string>>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  let fault: unknown;
  for (const sizes of SAMPLE_SIZES) {
    const [first, second] = sizes.map((rows) => built(build, rows, precision)) as [Built, Built];
    let freed: ReturnType<typeof freeGraph>;
    try {
      freed = freeGraph(first, second);
    } catch (error) {
      if (!(error instanceof SizeDependent)) throw error;
      fault = error;
      continue;
    }
    const told = (values: readonly DeclaredValue[]): string =>
      canonicalJson(values.map((value) => ({ ...value, meaning: meanings[value.name] ?? '' })));
    const described = { ...metadata, inputs: told(freed.inputs), outputs: told(freed.outputs) };
    return encodeOnnxModel({ name, ...freed }, described);
  }
  throw fault;
}

interface Built extends BatchedGraph {
  readonly rows: number;
  readonly nodes: readonly GraphNode[];
  readonly initialisers: readonly Initialiser[];
}

class SizeDependent extends Error {}

function built(build: BatchedBuild, rows: number, precision: GraphBuilder['precision']): Built {
  const g = new GraphBuilder(precision, 'standard');
  const graph = build(g, rows);
  const nodes = liveNodes(g.nodes, Object.values(graph.outputs));
  const foreign = nodes.find(({ domain }) => !STANDARD_DOMAINS.includes(domain));
  if (foreign) throw new Error(`${foreign.operator} is not an operator of ONNX itself`);
  return { ...graph, rows, nodes, initialisers: [...graph.weights, ...g.initialisers] };
}

function freeGraph(first: Built, second: Built) {
  const same = <Value>(a: Value, b: Value, what: string): Value => {
    if (JSON.stringify(a) !== JSON.stringify(b)) throw new SizeDependent(`${what} depends on the batch size`);
    return a;
  };
  /** How often the batch is in an extent; 0 where it is not. */
  const timesBatch = (a: number, b: number): number => {
    if (a === b) return 0;
    const times = a / first.rows;
    if (!Number.isInteger(times) || b !== times * second.rows)
      throw new SizeDependent(`${a} is no multiple of the batch`);
    return times;
  };
  const extent = (a: number, b: number): number | string => {
    const times = timesBatch(a, b);
    return times === 0 ? a : times === 1 ? BATCH : `${BATCH}_x${times}`;
  };
  const value = (a: DeclaredValue, b: DeclaredValue): DeclaredValue => {
    same([a.name, a.type, a.shape.length], [b.name, b.type, b.shape.length], a.name);
    return { ...a, shape: a.shape.map((size, n) => extent(size as number, b.shape[n] as number)) };
  };
  const attribute = (a: Attribute, b: Attribute, what: string): Attribute => {
    // Both graphs may share what is long: the nodes of trees.
    if (a === b) return a;
    if (!('graph' in a && 'graph' in b)) return same(a, b, what);
    const [one, other] = [a.graph, b.graph];
    same([one.inputs.length, one.outputs.length], [other.inputs.length, other.outputs.length], what);
    return {
      graph: {
        nodes: nodesOf(one.nodes, other.nodes),
        inputs: one.inputs.map((input, n) => value(input, other.inputs[n]!)),
        outputs: one.outputs.map((result, n) => value(result, other.outputs[n]!)),
      },
    };
  };
  const nodesOf = (a: readonly GraphNode[], b: readonly GraphNode[]): GraphNode[] => {
    same(a.length, b.length, 'the number of operators');
    return a.map((node, n) => {
      const other = b[n]!;
      const plain = ({ operator, inputs, outputs, captures }: GraphNode): unknown => [
        operator,
        inputs,
        outputs,
        captures,
      ];
      same(plain(node), plain(other), node.operator);
      same(Object.keys(node.attributes), Object.keys(other.attributes), node.operator);
      const attributes = Object.entries(node.attributes).map(
        ([key, of]) => [key, attribute(of, other.attributes[key]!, `${key} of ${node.operator}`)] as const,
      );
      return { ...node, attributes: Object.fromEntries(attributes) };
    });
  };

  const nodes = nodesOf(first.nodes, second.nodes);
  const read = readsOf(nodes);
  const added: GraphNode[] = [];
  const initialisers: Initialiser[] = [];
  const others = new Map(second.initialisers.map((initialiser) => [initialiser.name, initialiser]));
  const emit = (operator: string, inputs: string[], result: string, attributes: GraphNode['attributes'] = {}): void => {
    added.push({ operator, inputs, outputs: [result], attributes, captures: [] });
  };
  const integers = (of: string, values: readonly number[]): string => {
    initialisers.push({ name: of, shape: [values.length], type: 'int64', values: BigInt64Array.from(values, BigInt) });
    return of;
  };
  /** A list of extents of which some are multiples of the batch, as value `result`. */
  const freeList = (result: string, a: readonly number[], b: readonly number[]): void => {
    const times = a.map((size, n) => timesBatch(size, b[n]!));
    emit('Mul', [BATCH_SIZE, integers(`${result}_batches`, times)], `${result}_of_batch`);
    const fixed = a.map((size, n) => (times[n] === 0 ? size : 0));
    emit('Add', [`${result}_of_batch`, integers(`${result}_fixed`, fixed)], result);
  };
  for (const initialiser of first.initialisers) {
    const users = read.get(initialiser.name);
    if (!users) continue;
    const other = others.get(initialiser.name);
    if (!other) throw new SizeDependent(`constant ${initialiser.name} depends on the batch size`);
    const [a, b] = [initialiser, other].map(({ values }) => Array.from(values as Iterable<number | bigint>, Number));
    const isSameShape = initialiser.shape.join() === other.shape.join();
    if (isSameShape && a!.every((number, n) => Object.is(number, b![n]))) {
      initialisers.push(initialiser);
    } else if (isSameShape && initialiser.type === 'int64') {
      const free = a!.filter((size, n) => timesBatch(size, b![n]!) > 0);
      if (free.length === 1 && users.every((user) => user === 'Reshape:1')) {
        integers(
          initialiser.name,
          a!.map((size, n) => (size === b![n] ? size : -1)),
        );
      } else freeList(initialiser.name, a!, b!);
    } else {
      if ([...a!, ...b!].some((number) => number !== a![0])) {
        throw new SizeDependent(`constant ${initialiser.name} depends on the batch size`);
      }
      freeList(`${initialiser.name}_shape`, initialiser.shape, other.shape);
      const scalar = `${initialiser.name}_value`;
      initialisers.push({ name: scalar, shape: [], type: initialiser.type, values: initialiser.values.slice(0, 1) });
      emit('Expand', [scalar, `${initialiser.name}_shape`], initialiser.name);
    }
  }
  const inputs = first.inputs.map((input, n) => value(input, second.inputs[n]!));
  const size: GraphNode = {
    operator: 'Shape',
    inputs: [inputs[0]!.name],
    outputs: [BATCH_SIZE],
    attributes: { start: { int: 0 }, end: { int: 1 } },
    captures: [],
  };
  const named = Object.entries(first.outputs).map(([name, { name: made }]): GraphNode => {
    return { operator: 'Identity', inputs: [made], outputs: [name], attributes: {}, captures: [] };
  });
  return {
    nodes: [...(added.length > 0 ? [size] : []), ...added, ...nodes, ...named],
    initialisers,
    inputs,
    outputs: Object.entries(first.outputs).map(([name, of]) => ({ ...value(of, second.outputs[name]!), name })),
  };
}

/** By name, the operators that read it and as which input. */
function readsOf(nodes: readonly GraphNode[], into = new Map<string, string[]>()): ReadonlyMap<string, string[]> {
  for (const { operator, inputs, attributes } of nodes) {
    inputs.forEach((name, at) => into.set(name, [...(into.get(name) ?? []), `${operator}:${at}`]));
    for (const attribute of Object.values(attributes)) if ('graph' in attribute) readsOf(attribute.graph.nodes, into);
  }
  return into;
}
