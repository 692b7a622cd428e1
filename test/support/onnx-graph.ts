import { GraphBuilder, liveNodes, type SymbolicTensor } from '#src/ml/engine/graph/graph-builder.js';
import { gradients } from '#src/ml/engine/graph/gradients.js';
import { encodeOnnxModel } from '#src/ml/engine/onnx/onnx-model.js';
import { openSession } from '#src/ml/engine/onnx/runtime.js';

export interface GivenTensor {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/**
 * Builds a scalar from parameters in double precision, runs it and its gradients, and gives both. The real runtime
 * computes; nothing is interpreted here.
 */
export async function scalarWithGradients(
  build: (g: GraphBuilder, parameters: readonly SymbolicTensor[]) => SymbolicTensor,
  given: readonly GivenTensor[],
  precision: GraphBuilder['precision'] = 'float64',
): Promise<{
  readonly value: number;
  readonly gradients: readonly Float64Array[];
  readonly valueAt: (changed: readonly GivenTensor[]) => Promise<number>;
}> {
  const g = new GraphBuilder(precision);
  const parameters = given.map(({ shape }, n) => g.parameter(g.input(`p${n}`, shape)));
  const scalar = build(g, parameters);
  const found = gradients(g, scalar, parameters);
  const outputs = [scalar, ...found].map((tensor) => g.emit('Identity', [tensor], tensor.shape));
  const session = await openSession(
    'onnx',
    encodeOnnxModel({
      name: 'test',
      nodes: liveNodes(g.nodes, outputs),
      initialisers: g.initialisers,
      inputs: parameters,
      outputs,
    }),
  );
  const run = async (tensors: readonly GivenTensor[]): Promise<readonly Float64Array[]> => {
    const results = await session.run(
      Object.fromEntries(
        tensors.map(({ shape, values }, n) => [
          `p${n}`,
          session.tensor(precision === 'float64' ? values : Float32Array.from(values), shape),
        ]),
      ),
      Object.fromEntries(outputs.map(({ name }) => [name, null])),
    );
    return outputs.map(({ name }) => Float64Array.from(results[name]!.data as Float64Array));
  };
  const [value, ...slopes] = await run(given);
  return { value: value![0]!, gradients: slopes, valueAt: async (changed) => (await run(changed))[0]![0]! };
}

/** The largest difference between gradients and central differences, over all elements. */
export async function gradientError(
  build: (g: GraphBuilder, parameters: readonly SymbolicTensor[]) => SymbolicTensor,
  given: readonly GivenTensor[],
  { by = 1e-5, precision }: { readonly by?: number; readonly precision?: GraphBuilder['precision'] } = {},
): Promise<number> {
  const { gradients: slopes, valueAt } = await scalarWithGradients(build, given, precision);
  let worst = 0;
  for (const [n, { shape, values }] of given.entries()) {
    for (let at = 0; at < values.length; at++) {
      const moved = async (distance: number): Promise<number> => {
        const changed = values.slice();
        changed[at]! += distance;
        return valueAt(given.map((tensor, m) => (m === n ? { shape, values: changed } : tensor)));
      };
      const slope = ((await moved(by)) - (await moved(-by))) / (2 * by);
      worst = Math.max(worst, Math.abs(slope - slopes[n]![at]!) / (1 + Math.abs(slope)));
    }
  }
  return worst;
}
