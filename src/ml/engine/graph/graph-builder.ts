import type { Shape } from '../layers.js';

export type ElementType = 'float32' | 'float64' | 'int32' | 'int64' | 'bool';

/** A value of a graph: a name with a static shape. Values live elsewhere, in whatever runs the graph. */
export interface SymbolicTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly type: ElementType;
}

/** Attributes of an operator, each with the type that ONNX stores it under. */
export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] | Int32Array }
  | { readonly text: string }
  | { readonly texts: readonly string[] }
  | { readonly numbers: Float64Array }
  | { readonly graph: Subgraph };

export type Attributes = Readonly<Record<string, Attribute>>;

export interface GraphNode {
  readonly operator: string;
  /** Operator set other than ONNX' own. */
  readonly domain?: string;
  /** Names; empty for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
  /** Names that its subgraphs read from around it. */
  readonly captures: readonly string[];
}

/** A value as a file declares it; a text extent is one that is known only when it runs. */
export interface DeclaredValue {
  readonly name: string;
  readonly shape: readonly (number | string)[];
  readonly type: ElementType;
}

/** The body of a node that repeats, in its own name space, reading names from around it. */
export interface Subgraph {
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly DeclaredValue[];
  readonly outputs: readonly DeclaredValue[];
}

export interface Initialiser extends SymbolicTensor {
  readonly values: Float32Array | Float64Array | Int32Array | BigInt64Array;
}

/** The gradient of one input, computed only where it is wanted. */
export type InputGradient = (() => SymbolicTensor) | null;

/** From the gradients of the outputs, null where nothing depends on one, to those of the inputs, in their order. */
export type BackwardPass = (outputs: readonly (SymbolicTensor | null)[]) => readonly InputGradient[];

interface Recorded {
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  readonly backward: BackwardPass;
}

/** Constants up to this size are shared when equal. */
const SHARED_CONSTANT_SIZE = 4096;

export const sizeOf = (shape: Shape): number => shape.reduce((product, extent) => product * extent, 1);
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((extent, n) => extent === b[n]);

/**
 * Builds a graph of ONNX operators over static shapes, and records what a reverse pass needs. Equal nodes are one node.
 *
 * Operators are plain functions beside this class (`elementwise.ts`, `movement.ts`, …): each emits nodes and records how
 * gradients go back. A value is differentiable when a parameter is among what it was made from.
 */
export class GraphBuilder {
  nodes: GraphNode[] = [];
  readonly initialisers: Initialiser[] = [];
  private readonly tape: Recorded[] = [];
  private readonly differentiable = new Set<SymbolicTensor>();
  private readonly uniform = new Map<SymbolicTensor, number>();
  /** What each transposed value was made from. */
  readonly transposed = new Map<SymbolicTensor, { readonly from: SymbolicTensor; readonly order: readonly number[] }>();
  /** What each reshaped value was made from. */
  readonly reshaped = new Map<SymbolicTensor, SymbolicTensor>();
  private constants = new Map<string, SymbolicTensor>();
  private known = new Map<string, readonly SymbolicTensor[]>();
  private recording = true;
  private names = 0;

  /** `standard` operators are those of ONNX itself, which any runtime has; `runtime` has those of ONNX Runtime besides. */
  constructor(
    readonly precision: 'float32' | 'float64' = 'float32',
    readonly operators: 'runtime' | 'standard' = 'runtime',
  ) {}

  /** A value given from outside, in the graph's precision unless said otherwise. */
  input(name: string, shape: Shape, type: ElementType = this.precision): SymbolicTensor {
    return { name, shape, type };
  }

  /** Makes a value one whose gradient may be asked for. */
  parameter(tensor: SymbolicTensor): SymbolicTensor {
    this.differentiable.add(tensor);
    return tensor;
  }

  isDifferentiable(tensor: SymbolicTensor): boolean {
    return this.differentiable.has(tensor);
  }

  /** The number that a constant holds in every place; undefined for anything else. */
  uniformValue(tensor: SymbolicTensor): number | undefined {
    return this.uniform.get(tensor);
  }

  constant(values: number | ArrayLike<number>, shape: Shape = []): SymbolicTensor {
    const list = typeof values === 'number' ? new Float64Array(sizeOf(shape)).fill(values) : Float64Array.from(values);
    if (list.length !== sizeOf(shape)) throw new Error(`${list.length} values for shape [${shape.join()}]`);
    const stored = this.precision === 'float64' ? list : Float32Array.from(list);
    return this.store(stored, shape, this.precision);
  }

  /** A one-dimensional list of whole numbers, as operators take shapes and axes. */
  integers(values: readonly number[]): SymbolicTensor {
    return this.store(BigInt64Array.from(values, BigInt), [values.length], 'int64');
  }

  private store(values: Initialiser['values'], shape: Shape, type: ElementType): SymbolicTensor {
    const key = values.length <= SHARED_CONSTANT_SIZE ? `${type}|${shape.join()}|${values.join()}` : null;
    const found = key === null ? undefined : this.constants.get(key);
    if (found) return found;
    const tensor: Initialiser = { name: this.name('c'), shape, type, values };
    this.initialisers.push(tensor);
    if (key !== null) this.constants.set(key, tensor);
    const first = values[0];
    if (typeof first === 'number' && values.every((value: number | bigint) => value === first)) {
      this.uniform.set(tensor, first);
    }
    return tensor;
  }

  /** Emits an operator with one output, or gives the output of an equal one. */
  emit(
    operator: string,
    inputs: readonly SymbolicTensor[],
    shape: Shape,
    attributes: Attributes = {},
    options: { readonly domain?: string; readonly type?: ElementType } = {},
  ): SymbolicTensor {
    return this.emitAll(operator, inputs, [shape], attributes, options)[0]!;
  }

  /** As `emit`, for a node with attributes that are too long to be compared: it is never shared. */
  emitUnshared(
    operator: string,
    inputs: readonly SymbolicTensor[],
    shape: Shape,
    attributes: Attributes,
    { domain, type = this.precision }: { readonly domain: string; readonly type?: ElementType },
  ): SymbolicTensor {
    const output: SymbolicTensor = { name: this.name('t'), shape, type };
    const names = inputs.map(({ name }) => name);
    this.nodes.push({ operator, domain, inputs: names, outputs: [output.name], attributes, captures: [] });
    return output;
  }

  emitAll(
    operator: string,
    inputs: readonly SymbolicTensor[],
    shapes: readonly Shape[],
    attributes: Attributes = {},
    options: { readonly domain?: string; readonly type?: ElementType } = {},
  ): readonly SymbolicTensor[] {
    const { domain, type = this.precision } = options;
    const key = `${operator}|${domain ?? ''}|${inputs.map(({ name }) => name).join()}|${JSON.stringify(attributes)}`;
    const found = this.known.get(key);
    if (found) return found;
    const outputs = shapes.map((shape): SymbolicTensor => ({ name: this.name('t'), shape, type }));
    this.nodes.push({
      operator,
      ...(domain === undefined ? {} : { domain }),
      inputs: inputs.map(({ name }) => name),
      outputs: outputs.map(({ name }) => name),
      attributes,
      captures: [],
    });
    this.known.set(key, outputs);
    return outputs;
  }

  /** Says how gradients go back from `outputs` to `inputs`; nothing is recorded where no input has a gradient. */
  record(inputs: readonly SymbolicTensor[], outputs: readonly SymbolicTensor[], backward: BackwardPass): void {
    if (!this.recording || !inputs.some((input) => this.differentiable.has(input))) return;
    // An equal node was recorded when it was first made.
    if (this.differentiable.has(outputs[0]!)) return;
    for (const output of outputs) this.differentiable.add(output);
    this.tape.push({ inputs, outputs, backward });
  }

  /** Emits without recording: for forward passes whose gradient is written by hand. */
  withoutRecording<Result>(build: () => Result): Result {
    const before = this.recording;
    this.recording = false;
    try {
      return build();
    } finally {
      this.recording = before;
    }
  }

  /** Everything recorded, in the order in which it was made. */
  get recorded(): readonly Recorded[] {
    return this.tape;
  }

  /**
   * Builds the body of a repeating node. It may read every value made so far; what it makes stays inside, and is not
   * recorded. Nodes that lead to no output are left out.
   */
  subgraph(
    inputs: readonly SymbolicTensor[],
    build: () => readonly SymbolicTensor[],
  ): { readonly body: Subgraph; readonly captures: readonly string[] } {
    const outer = { nodes: this.nodes, known: this.known };
    this.nodes = [];
    this.known = new Map();
    try {
      const outputs = this.ownOutputs(inputs, this.withoutRecording(build));
      const live = liveNodes(this.nodes, outputs);
      const inside = new Set([...inputs.map(({ name }) => name), ...live.flatMap((node) => node.outputs)]);
      const read = live.flatMap((node) => [...node.inputs, ...node.captures]).filter((name) => name !== '');
      const captures = [...new Set(read.filter((name) => !inside.has(name)))];
      return { body: { nodes: live, inputs, outputs }, captures };
    } finally {
      this.nodes = outer.nodes;
      this.known = outer.known;
    }
  }

  /** ONNX wants each output of a body made inside it, and once. */
  private ownOutputs(inputs: readonly SymbolicTensor[], outputs: readonly SymbolicTensor[]): SymbolicTensor[] {
    const made = new Set(this.nodes.flatMap((node) => node.outputs));
    const taken = new Set(inputs.map(({ name }) => name));
    return outputs.map((output) => {
      const isFresh = made.has(output.name) && !taken.has(output.name);
      taken.add(output.name);
      if (isFresh) return output;
      const copy: SymbolicTensor = { ...output, name: this.name('t') };
      this.nodes.push({
        operator: 'Identity',
        inputs: [output.name],
        outputs: [copy.name],
        attributes: {},
        captures: [],
      });
      return copy;
    });
  }

  /** Emits a node with a body; never shared, since bodies are not compared. */
  emitWithBody(
    operator: string,
    inputs: readonly SymbolicTensor[],
    shapes: readonly Shape[],
    attributes: Attributes,
    captures: readonly string[],
  ): readonly SymbolicTensor[] {
    const outputs = shapes.map((shape): SymbolicTensor => ({ name: this.name('t'), shape, type: this.precision }));
    this.nodes.push({
      operator,
      inputs: inputs.map(({ name }) => name),
      outputs: outputs.map(({ name }) => name),
      attributes,
      captures,
    });
    return outputs;
  }

  private name(prefix: string): string {
    return `${prefix}${this.names++}`;
  }
}

/** Those nodes that some output depends on, in their order. */
export function liveNodes(nodes: readonly GraphNode[], outputs: readonly SymbolicTensor[]): GraphNode[] {
  const needed = new Set(outputs.map(({ name }) => name));
  const live: GraphNode[] = [];
  for (let at = nodes.length - 1; at >= 0; at--) {
    const node = nodes[at]!;
    if (!node.outputs.some((name) => needed.has(name))) continue;
    live.push(node);
    for (const name of [...node.inputs, ...node.captures]) needed.add(name);
  }
  return live.reverse();
}
