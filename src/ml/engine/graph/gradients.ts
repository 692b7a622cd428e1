import { add } from './elementwise.js';
import { sameShape, type GraphBuilder, type SymbolicTensor } from './graph-builder.js';
import { expand } from './reductions.js';

/**
 * Gradients of a scalar with respect to `parameters`, by reverse-mode differentiation over what `builder` recorded:
 * nodes are added to the same graph. A parameter that the scalar does not depend on is a fault of the caller.
 * Source: Griewank & Walther, Evaluating Derivatives, 2nd ed. 2008, chapter 3.
 */
export function gradients(
  builder: GraphBuilder,
  scalar: SymbolicTensor,
  parameters: readonly SymbolicTensor[],
): SymbolicTensor[] {
  if (scalar.shape.length > 0) throw new Error(`a gradient is of a scalar, not of [${scalar.shape.join()}]`);
  const contributions = new Map<SymbolicTensor, SymbolicTensor[]>([[scalar, [builder.constant(1)]]]);
  return builder.withoutRecording(() => {
    const total = (tensor: SymbolicTensor): SymbolicTensor | null => {
      const parts = contributions.get(tensor);
      if (!parts) return null;
      const sum = sumOf(builder, parts);
      return sameShape(sum.shape, tensor.shape) ? sum : expand(builder, sum, tensor.shape);
    };
    for (let at = builder.recorded.length - 1; at >= 0; at--) {
      const { inputs, outputs, backward } = builder.recorded[at]!;
      const ofOutputs = outputs.map(total);
      if (ofOutputs.every((gradient) => gradient === null)) continue;
      backward(ofOutputs).forEach((gradient, n) => {
        const input = inputs[n]!;
        if (gradient === null || !builder.isDifferentiable(input)) return;
        const parts = contributions.get(input);
        if (parts) parts.push(gradient());
        else contributions.set(input, [gradient()]);
      });
    }
    return parameters.map((parameter) => {
      const gradient = total(parameter);
      if (!gradient) throw new Error(`nothing leads from the scalar to ${parameter.name}`);
      return gradient;
    });
  });
}

function sumOf(builder: GraphBuilder, parts: readonly SymbolicTensor[]): SymbolicTensor {
  const [first, ...others] = parts;
  if (others.length > 1 && others.every(({ shape }) => sameShape(shape, first!.shape))) {
    return builder.emit('Sum', parts, first!.shape);
  }
  return others.reduce((sum, part) => add(builder, sum, part), first!);
}
