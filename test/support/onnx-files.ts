import type { GraphNode, Initialiser } from '#src/ml/engine/graph/graph-builder.js';
import { encodeOnnxModel } from '#src/ml/engine/onnx/onnx-model.js';

type Extent = number | string;

const node = (operator: string, inputs: string[], output: string, more: Partial<GraphNode> = {}): GraphNode => ({
  operator,
  inputs,
  outputs: [output],
  attributes: {},
  captures: [],
  ...more,
});

const integers = (name: string, values: readonly number[]): Initialiser => ({
  name,
  shape: [values.length],
  type: 'int64',
  values: BigInt64Array.from(values, BigInt),
});

export interface LinearFile {
  /** Without the batch. */
  readonly inputShape: readonly Extent[];
  readonly outputShape: readonly Extent[];
  /** [inputs, outputs], row-major, of the window and the forecast as they lie in the file. */
  readonly weights: readonly number[];
  readonly inputs: number;
  readonly outputs: number;
  readonly batch?: Extent;
  readonly type?: 'float32' | 'float64';
  /** Put behind the product; reads `product`, makes `made`. */
  readonly behind?: Partial<GraphNode> & { readonly operator: string };
}

/** y = x · W as somebody else might write it: flattened, multiplied, shaped. */
export function linearFile(file: LinearFile): Uint8Array {
  const { inputShape, outputShape, weights, inputs, outputs, batch = 'n', type = 'float32', behind } = file;
  const numbers = type === 'float32' ? Float32Array.from(weights) : Float64Array.from(weights);
  const dims = outputShape.map((extent) => (typeof extent === 'number' ? extent : -1));
  return encodeOnnxModel({
    name: 'theirs',
    nodes: [
      node('Reshape', ['x', 'flat'], 'row'),
      node('MatMul', ['row', 'w'], 'product'),
      ...(behind ? [node(behind.operator, ['product'], 'made', behind)] : []),
      node('Reshape', [behind ? 'made' : 'product', 'shape'], 'y'),
    ],
    initialisers: [
      { name: 'w', shape: [inputs, outputs], type, values: numbers },
      // 0 is the batch as it comes.
      integers('flat', [0, inputs]),
      integers('shape', [0, ...dims]),
    ],
    inputs: [{ name: 'x', shape: [batch, ...inputShape], type }],
    outputs: [{ name: 'y', shape: [batch, ...outputShape], type }],
  });
}
