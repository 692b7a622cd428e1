import { constant, Frame, LANES, repeat, SUBTRACT, type Code, type WasmFunction } from './wasm-code.js';

/**
 *   dots(a, strideA, rowsA, b, strideB, rowsB, length, c, strideC):  c[i][j] = Σ_m a[i][m]·b[j][m]
 *
 * over matrices of float64 rows; addresses, strides and `length`, that of the summed rows, in bytes.
 * Four rows of a and two of b at once: six loads serve eight sums of two lanes. So rowsA is a multiple of 4, rowsB of 2
 * and length of 32. Each lane runs in the order of m, and the two are added at the end: the bits depend on nothing but
 * the values, on any machine.
 */
export function dotFunction(): WasmFunction {
  return {
    name: 'dots',
    parameters: PARAMETERS.length,
    result: null,
    locals: [
      [INTEGERS.length, 'i32'],
      [VECTORS.length, 'v128'],
    ],
    body: dots(),
  };
}

const PARAMETERS = ['a', 'strideA', 'rowsA', 'b', 'strideB', 'rowsB', 'length', 'c', 'strideC'] as const;
const INTEGERS = ['i', 'j', 'left', 'columns', 'out', 'a0', 'a1', 'a2', 'a3', 'b0', 'b1'] as const;
/** Sums of row r of a and column q, and what is loaded of each. */
const SUMS = ['s00', 's10', 's20', 's30', 's01', 's11', 's21', 's31'] as const;
const VECTORS = [...SUMS, 'x0', 'x1', 'x2', 'x3', 'y0', 'y1'] as const;

const frame = new Frame([...PARAMETERS, ...INTEGERS, ...VECTORS]);

function dots(): Code {
  return [
    ...frame.set('i', frame.get('rowsA')),
    ...repeat(
      frame.set('columns', frame.get('b')),
      frame.set('out', frame.get('c')),
      frame.set('j', frame.get('rowsB')),
      repeat(
        tile(),
        frame.step('columns', 'strideB'),
        frame.step('columns', 'strideB'),
        frame.step('out', 16),
        frame.step('j', -2),
        frame.get('j'),
      ),
      ...[1, 2, 3, 4].map(() => frame.step('a', 'strideA')),
      ...[1, 2, 3, 4].map(() => frame.step('c', 'strideC')),
      frame.step('i', -4),
      frame.get('i'),
    ),
  ];
}

/** Eight sums, then four stores of two of them. */
function tile(): Code {
  const products = (offset: number): Code => [
    ...([0, 1, 2, 3] as const).flatMap((r) => frame.set(`x${r}`, frame.loadLanes(`a${r}`, offset))),
    ...([0, 1] as const).flatMap((q) => frame.set(`y${q}`, frame.loadLanes(`b${q}`, offset))),
    ...([0, 1] as const).flatMap((q) =>
      ([0, 1, 2, 3] as const).flatMap((r) => {
        const product = [...frame.get(`x${r}`), ...frame.get(`y${q}`), ...LANES.multiply];
        return frame.set(`s${r}${q}`, frame.get(`s${r}${q}`), product, LANES.add);
      }),
    ),
  ];
  return [
    ...frame.set('a0', frame.get('a')),
    ...frame.set('a1', frame.plus('a0', 'strideA')),
    ...frame.set('a2', frame.plus('a1', 'strideA')),
    ...frame.set('a3', frame.plus('a2', 'strideA')),
    ...frame.set('b0', frame.get('columns')),
    ...frame.set('b1', frame.plus('b0', 'strideB')),
    ...SUMS.flatMap((sum) => frame.set(sum, LANES.zero)),
    ...frame.set('left', frame.get('length')),
    ...repeat(
      products(0),
      products(16),
      ...(['a0', 'a1', 'a2', 'a3', 'b0', 'b1'] as const).map((row) => frame.step(row, 32)),
      frame.set('left', frame.get('left'), constant(32), SUBTRACT),
      frame.get('left'),
    ),
    // The rows of c are reached by steps of its stride, one more for each.
    ...frame.set('a0', frame.get('out')),
    ...([0, 1, 2, 3] as const).flatMap((r) => {
      const sums = [...frame.get(`s${r}0`), ...frame.get(`s${r}1`)];
      const added = [...sums, ...LANES.first, ...sums, ...LANES.second, ...LANES.add];
      return [...frame.storeLanes('a0', added), ...frame.step('a0', 'strideC')];
    }),
  ];
}
