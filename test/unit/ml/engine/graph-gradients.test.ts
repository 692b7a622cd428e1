import {
  absolute,
  add,
  clampMagnitude,
  divide,
  exp,
  gelu,
  log,
  multiply,
  relu,
  sigmoid,
  softmax,
  softplus,
  squareRoot,
  subtract,
  tanh,
} from '#src/ml/engine/graph/elementwise.js';
import type { GraphBuilder, SymbolicTensor } from '#src/ml/engine/graph/graph-builder.js';
import { concat, pad, reshape, slice, split, transpose } from '#src/ml/engine/graph/movement.js';
import { batchMatMul, gemm } from '#src/ml/engine/graph/products.js';
import { mean } from '#src/ml/engine/graph/mean.js';
import { expand, sum } from '#src/ml/engine/graph/reductions.js';
import { createRandom } from '#src/ml/engine/random.js';
import { gradientError, scalarWithGradients, type GivenTensor } from '../../../support/onnx-graph.js';

type Build = (g: GraphBuilder, parameters: readonly SymbolicTensor[]) => SymbolicTensor;

const random = createRandom(7);
function tensor(shape: readonly number[], kind: 'any' | 'positive' = 'any'): GivenTensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Float64Array.from({ length: size }, () => {
    const value = random.normal();
    // Away from 0, where |x| and relu have no slope.
    return kind === 'positive' ? 0.5 + Math.abs(value) : value + Math.sign(value) * 0.05;
  });
  return { shape, values };
}

/** A scalar in which every element of `x` has another weight. */
function weighted(g: GraphBuilder, x: SymbolicTensor): SymbolicTensor {
  const size = x.shape.reduce((a, b) => a * b, 1);
  const weights = Float64Array.from({ length: size }, (_, n) => Math.sin(n + 1));
  return sum(g, multiply(g, x, g.constant(weights, x.shape)));
}

const cases: readonly (readonly [string, Build, readonly GivenTensor[]])[] = [
  ['addition with a repeated row', (g, [a, b]) => weighted(g, add(g, a!, b!)), [tensor([3, 4]), tensor([4])]],
  ['addition with a repeated column', (g, [a, b]) => weighted(g, add(g, a!, b!)), [tensor([3, 4]), tensor([3, 1])]],
  ['subtraction', (g, [a, b]) => weighted(g, subtract(g, a!, b!)), [tensor([2, 3]), tensor([1, 3])]],
  ['multiplication', (g, [a, b]) => weighted(g, multiply(g, a!, b!)), [tensor([2, 3]), tensor([3])]],
  ['a square', (g, [a]) => weighted(g, multiply(g, a!, a!)), [tensor([5])]],
  ['division', (g, [a, b]) => weighted(g, divide(g, a!, b!)), [tensor([2, 3]), tensor([2, 1], 'positive')]],
  ['sigmoid', (g, [a]) => weighted(g, sigmoid(g, a!)), [tensor([6])]],
  ['tanh', (g, [a]) => weighted(g, tanh(g, a!)), [tensor([6])]],
  ['exp', (g, [a]) => weighted(g, exp(g, a!)), [tensor([6])]],
  ['log', (g, [a]) => weighted(g, log(g, a!)), [tensor([6], 'positive')]],
  ['square root', (g, [a]) => weighted(g, squareRoot(g, a!)), [tensor([6], 'positive')]],
  ['softplus', (g, [a]) => weighted(g, softplus(g, a!)), [tensor([6])]],
  ['relu', (g, [a]) => weighted(g, relu(g, a!)), [tensor([9])]],
  ['absolute value', (g, [a]) => weighted(g, absolute(g, a!)), [tensor([9])]],
  ['clamp', (g, [a]) => weighted(g, clampMagnitude(g, a!, 0.7)), [tensor([9])]],
  ['softmax', (g, [a]) => weighted(g, softmax(g, a!)), [tensor([2, 3, 4])]],
  ['sum over axes', (g, [a]) => weighted(g, sum(g, a!, [0, 2])), [tensor([2, 3, 4])]],
  ['mean with kept axes', (g, [a]) => weighted(g, mean(g, a!, [1], true)), [tensor([2, 3, 4])]],
  ['reshape', (g, [a]) => weighted(g, reshape(g, a!, [6, 2])), [tensor([3, 4])]],
  ['expand', (g, [a]) => weighted(g, expand(g, a!, [2, 5, 3])), [tensor([2, 1, 3])]],
  ['expand by new axes', (g, [a]) => weighted(g, expand(g, a!, [4, 3])), [tensor([3])]],
  ['rotation of axes', (g, [a]) => weighted(g, transpose(g, a!, [1, 2, 0])), [tensor([2, 3, 4])]],
  ['exchange of axes', (g, [a]) => weighted(g, transpose(g, a!, [0, 2, 1])), [tensor([2, 3, 4])]],
  [
    'there and back again',
    (g, [a]) => weighted(g, transpose(g, transpose(g, a!, [2, 0, 1]), [1, 2, 0])),
    [tensor([2, 3, 4])],
  ],
  ['concat', (g, [a, b]) => weighted(g, concat(g, [a!, b!, a!], 1)), [tensor([2, 3]), tensor([2, 2])]],
  ['split, of which one part is used', (g, [a]) => weighted(g, split(g, a!, 1, [2, 1, 3])[2]!), [tensor([2, 6])]],
  ['slice', (g, [a]) => weighted(g, slice(g, a!, 1, 1, 3)), [tensor([2, 4])]],
  ['padding', (g, [a]) => weighted(g, pad(g, a!, 1, 2, 1)), [tensor([2, 4])]],
  ['shift', (g, [a]) => weighted(g, pad(g, a!, 0, 2, -2)), [tensor([5, 2])]],
  ...[
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ].map(([a, b]): readonly [string, Build, readonly GivenTensor[]] => [
    `a product, transposed ${a}, ${b}`,
    (g, [x, y, z]) => weighted(g, gemm(g, x!, y!, z, { a: a!, b: b! })),
    [tensor(a ? [3, 2] : [2, 3]), tensor(b ? [4, 3] : [3, 4]), tensor([4])],
  ]),
  [
    'a product plus a matrix',
    (g, [x, y, z]) => weighted(g, gemm(g, x!, y!, z)),
    [tensor([2, 3]), tensor([3, 4]), tensor([2, 4])],
  ],
  ['a product with one column', (g, [x, y]) => weighted(g, gemm(g, x!, y!)), [tensor([5, 3]), tensor([3, 1])]],
  ...[
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ].map(([a, b]): readonly [string, Build, readonly GivenTensor[]] => [
    `a product of many matrices, transposed ${a}, ${b}`,
    (g, [x, y]) => weighted(g, batchMatMul(g, x!, y!, { a: a!, b: b! })),
    [tensor(a ? [2, 2, 3, 2] : [2, 2, 2, 3]), tensor(b ? [2, 2, 4, 3] : [2, 2, 3, 4])],
  ]),
];

test.each(cases)('the gradient of %s is that of central differences, to 1e-7', async (_name, build, given) => {
  expect(await gradientError(build, given)).toBeLessThan(1e-7);
});

test('the gradient of gelu is that of central differences, as far as single precision goes', async () => {
  const error = await gradientError((g, [a]) => weighted(g, gelu(g, a!)), [tensor([9])], {
    by: 1e-2,
    precision: 'float32',
  });
  expect(error).toBeLessThan(5e-4);
});

test('the gradient of a weight with very many rows goes the other way round, to the same numbers', async () => {
  const rows = 600;
  const x = tensor([rows, 6]);
  const w = tensor([6, 2]);
  const { gradients } = await scalarWithGradients((g, [a, b]) => weighted(g, gemm(g, a!, b!)), [x, w]);
  const expected = new Float64Array(12);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < 6; i++) {
      for (let k = 0; k < 2; k++) expected[i * 2 + k]! += x.values[row * 6 + i]! * Math.sin(row * 2 + k + 1);
    }
  }
  gradients[1]!.forEach((value, at) => expect(value).toBeCloseTo(expected[at]!, 10));
});

test('a parameter that the scalar does not depend on is refused', async () => {
  const alone: Build = (g, [a]) => sum(g, a!);
  await expect(scalarWithGradients(alone, [tensor([2]), tensor([2])])).rejects.toThrow(
    'nothing leads from the scalar to p1',
  );
});
