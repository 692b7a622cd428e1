import { sizeOf, type GraphBuilder, type SymbolicTensor } from '../../graph/graph-builder.js';
import { isPositive, multiply } from '../../graph/elementwise.js';
import { concat, pad, reshape, slice, transpose } from '../../graph/movement.js';
import { columnSums, gemm } from '../../graph/products.js';
import { applyActivation } from './activation.js';
import type { LayerLowering } from './layer-lowering.js';

/**
 * Convolution over time, [steps, width] → [steps′, filters]. Causal ones with any dilation, and valid ones whose stride
 * divides kernel and steps (patches). Both gather the taps of a step side by side and multiply once.
 */
export const conv1d: LayerLowering = (g, layer, [input], { weights }) => {
  const { padding, strides, dilation_rate: dilation, kernel_size: taps } = layer.config as Record<string, number>;
  if (String(padding) === 'causal') {
    if (strides !== 1) throw new Error(`${layer.name}: a causal convolution has a stride of 1`);
    if (layer.config['activation'] === 'relu' || layer.config['activation'] === 'linear') {
      return causalConvolution(g, input!, weights, {
        taps: taps!,
        dilation: dilation!,
        relu: layer.config['activation'] === 'relu',
      });
    }
    const { output, shape } = {
      output: causalConvolution(g, input!, weights, { taps: taps!, dilation: dilation!, relu: false }),
      shape: layer.outputShape,
    };
    return reshape(g, applyActivation(g, layer, output), [input!.shape[0]!, ...shape]);
  }
  return patchConvolution(g, layer.name, input!, weights, { taps: taps!, stride: strides! }, (x) =>
    applyActivation(g, layer, x),
  );
};

interface CausalShape {
  readonly taps: number;
  readonly dilation: number;
  readonly relu: boolean;
}

/**
 * y[t] = Σₖ x[t − (taps − 1 − k)·dilation]·Wₖ + b, zeros before the first step. The gradient is written by hand: one row
 * of gradients shifted the other way serves both that of x and that of W, without scattering or summing slices.
 */
function causalConvolution(
  g: GraphBuilder,
  x: SymbolicTensor,
  weights: Readonly<Record<string, SymbolicTensor>>,
  { taps, dilation, relu }: CausalShape,
): SymbolicTensor {
  const { kernel, bias } = weights as { kernel: SymbolicTensor; bias?: SymbolicTensor };
  const [rows, steps, width] = x.shape as readonly [number, number, number];
  const filters = kernel.shape[2]!;
  const cells = rows * steps;
  const result = g.withoutRecording(() => {
    const flat = reshape(g, kernel, [taps * width, filters]);
    const sums = gemm(g, shifted(g, x, 1), flat, bias ?? null);
    return reshape(g, relu ? g.emit('Relu', [sums], sums.shape) : sums, [rows, steps, filters]);
  });

  /** Taps of each step side by side, [rows·steps, taps·width]; direction −1 looks ahead. */
  function shifted(of: GraphBuilder, values: SymbolicTensor, direction: 1 | -1): SymbolicTensor {
    const size = values.shape[2]!;
    const flat = reshape(of, values, [rows, steps * size]);
    const parts = Array.from({ length: taps }, (_, tap) => {
      const distance = direction * (taps - 1 - tap) * dilation * size;
      return reshape(of, pad(of, flat, 1, distance, -distance), [rows, steps, size]);
    });
    return reshape(of, concat(of, parts, 2), [cells, taps * size]);
  }

  const inputs = bias ? [x, kernel, bias] : [x, kernel];
  g.record(inputs, [result], ([dResult]) => {
    const gradient = relu ? multiply(g, dResult!, isPositive(g, result)) : dResult!;
    const matrix = reshape(g, gradient, [cells, filters]);
    const ofBias = (): SymbolicTensor => columnSums(g, matrix, [filters]);
    if (!g.isDifferentiable(x)) {
      const ofKernel = (): SymbolicTensor => {
        // [filters, taps·width] first: many rows and few columns, see products.ts.
        const turned = gemm(g, matrix, shifted(g, x, 1), null, { a: true });
        return reshape(g, transpose(g, turned, [1, 0]), kernel.shape);
      };
      return [null, ofKernel, ofBias];
    }
    const ahead = shifted(g, gradient, -1);
    return [
      () => {
        const turned = reshape(g, transpose(g, kernel, [0, 2, 1]), [taps * filters, width]);
        return reshape(g, gemm(g, ahead, turned), x.shape);
      },
      () => {
        const product = gemm(g, reshape(g, x, [cells, width]), ahead, null, { a: true });
        return transpose(g, reshape(g, product, [width, taps, filters]), [1, 0, 2]);
      },
      ofBias,
    ];
  });
  return result;
}

/** Convolution of patches that may overlap: steps are cut into blocks of one stride, and blocks joined to patches. */
function patchConvolution(
  g: GraphBuilder,
  name: string,
  x: SymbolicTensor,
  { kernel, bias }: Readonly<Record<string, SymbolicTensor>>,
  { taps, stride }: { readonly taps: number; readonly stride: number },
  activate: (sums: SymbolicTensor) => SymbolicTensor,
): SymbolicTensor {
  const [rows, steps, width] = x.shape as readonly [number, number, number];
  if (taps % stride !== 0) throw new Error(`${name}: a stride of ${stride} does not divide the kernel of ${taps}`);
  const count = Math.floor((steps - taps) / stride) + 1;
  const used = (count - 1) * stride + taps;
  const blocks = reshape(g, slice(g, x, 1, 0, used), [rows, used / stride, stride * width]);
  const parts = Array.from({ length: taps / stride }, (_, n) => slice(g, blocks, 1, n, n + count));
  const patches = reshape(g, concat(g, parts, 2), [rows * count, taps * width]);
  const filters = kernel!.shape[2]!;
  const sums = gemm(g, patches, reshape(g, kernel!, [sizeOf(kernel!.shape) / filters, filters]), bias ?? null);
  return reshape(g, activate(sums), [rows, count, filters]);
}
