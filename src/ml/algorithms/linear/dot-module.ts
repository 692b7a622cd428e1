/**
 * A WebAssembly module with one function, written out instruction by instruction, since nothing in the build compiles to
 * WebAssembly:
 *
 *   dots(a, strideA, rowsA, b, strideB, rowsB, length, c, strideC):  c[i][j] = Σ_m a[i][m]·b[j][m]
 *
 * over matrices of float64 rows in the exported memory; addresses, strides and `length`, that of the summed rows, in bytes.
 * Four rows of a and two of b at once: six loads serve eight sums of two lanes. So rowsA is a multiple of 4, rowsB of 2
 * and length of 32. Each lane runs in the order of m, and the two are added at the end: the bits depend on nothing but
 * the values, on any machine.
 * Source: WebAssembly Core Specification 2.0, chapter 5 (binary format).
 */
export function dotModule(): Uint8Array {
  const i32 = 0x7f;
  const v128 = 0x7b;
  const type = [1, 0x60, ...vector(PARAMETERS.map(() => [i32])), 0];
  const locals = vector([
    [...unsigned(INTEGERS.length), i32],
    [...unsigned(VECTORS.length), v128],
  ]);
  const body = [...locals, ...dots(), END];
  const exported = [
    [...text('memory'), 2, 0],
    [...text('dots'), 0, 0],
  ];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, type),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, vector(exported)),
    ...section(10, vector([[...unsigned(body.length), ...body]])),
  ]);
}

const PARAMETERS = ['a', 'strideA', 'rowsA', 'b', 'strideB', 'rowsB', 'length', 'c', 'strideC'] as const;
const INTEGERS = ['i', 'j', 'left', 'columns', 'out', 'a0', 'a1', 'a2', 'a3', 'b0', 'b1'] as const;
/** Sums of row r of a and column q, and what is loaded of each. */
const SUMS = ['s00', 's10', 's20', 's30', 's01', 's11', 's21', 's31'] as const;
const VECTORS = [...SUMS, 'x0', 'x1', 'x2', 'x3', 'y0', 'y1'] as const;

type Local = (typeof PARAMETERS | typeof INTEGERS | typeof VECTORS)[number];
type Code = readonly number[];

const numbers = new Map<Local, number>([...PARAMETERS, ...INTEGERS, ...VECTORS].map((name, at) => [name, at]));

const END = 0x0b;
const ADD: Code = [0x6a];
const SUBTRACT: Code = [0x6b];
const SIMD = 0xfd;
const ADD_LANES: Code = [SIMD, 0xf0, 0x01];
const MULTIPLY_LANES: Code = [SIMD, 0xf2, 0x01];
const ZERO: Code = [SIMD, 0x0c, ...new Array<number>(16).fill(0)];
/** The first lanes of two vectors, and the second ones. */
const FIRST_LANES: Code = [SIMD, 0x0d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const SECOND_LANES: Code = [SIMD, 0x0d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31];

const get = (local: Local): Code => [0x20, ...unsigned(numbers.get(local)!)];
const set = (local: Local, ...value: Code[]): Code => [...value.flat(), 0x21, ...unsigned(numbers.get(local)!)];
const constant = (value: number): Code => [0x41, ...signed(value)];
const plus = (local: Local, by: Local | number): Code => [
  ...get(local),
  ...(typeof by === 'number' ? constant(by) : get(by)),
  ...ADD,
];
const step = (local: Local, by: Local | number): Code => set(local, plus(local, by));
/** Rows begin at multiples of 8. */
const load = (address: Local, offset: number): Code => [...get(address), SIMD, 0x00, 3, ...unsigned(offset)];
const store = (address: Local, value: Code): Code => [...get(address), ...value, SIMD, 0x0b, 3, 0];
/** Runs `body` until what it leaves on the stack is 0. */
const repeat = (...body: Code[]): Code => [0x03, 0x40, ...body.flat(), 0x0d, 0, END];

function dots(): Code {
  return [
    ...set('i', get('rowsA')),
    ...repeat(
      set('columns', get('b')),
      set('out', get('c')),
      set('j', get('rowsB')),
      repeat(tile(), step('columns', 'strideB'), step('columns', 'strideB'), step('out', 16), step('j', -2), get('j')),
      ...[1, 2, 3, 4].map(() => step('a', 'strideA')),
      ...[1, 2, 3, 4].map(() => step('c', 'strideC')),
      step('i', -4),
      get('i'),
    ),
  ];
}

/** Eight sums, then four stores of two of them. */
function tile(): Code {
  const products = (offset: number): Code => [
    ...([0, 1, 2, 3] as const).flatMap((r) => set(`x${r}`, load(`a${r}`, offset))),
    ...([0, 1] as const).flatMap((q) => set(`y${q}`, load(`b${q}`, offset))),
    ...([0, 1] as const).flatMap((q) =>
      ([0, 1, 2, 3] as const).flatMap((r) =>
        set(`s${r}${q}`, get(`s${r}${q}`), get(`x${r}`), get(`y${q}`), MULTIPLY_LANES, ADD_LANES),
      ),
    ),
  ];
  return [
    ...set('a0', get('a')),
    ...set('a1', plus('a0', 'strideA')),
    ...set('a2', plus('a1', 'strideA')),
    ...set('a3', plus('a2', 'strideA')),
    ...set('b0', get('columns')),
    ...set('b1', plus('b0', 'strideB')),
    ...SUMS.flatMap((sum) => set(sum, ZERO)),
    ...set('left', get('length')),
    ...repeat(
      products(0),
      products(16),
      ...(['a0', 'a1', 'a2', 'a3', 'b0', 'b1'] as const).map((row) => step(row, 32)),
      set('left', [...get('left'), ...constant(32), ...SUBTRACT]),
      get('left'),
    ),
    // The rows of c are reached by steps of its stride, one more for each.
    ...set('a0', get('out')),
    ...([0, 1, 2, 3] as const).flatMap((r) => [
      ...store('a0', [
        ...[...get(`s${r}0`), ...get(`s${r}1`), ...FIRST_LANES],
        ...[...get(`s${r}0`), ...get(`s${r}1`), ...SECOND_LANES],
        ...ADD_LANES,
      ]),
      ...step('a0', 'strideC'),
    ]),
  ];
}

/** LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  do {
    const low = left & 0x7f;
    left >>>= 7;
    bytes.push(left === 0 ? low : low | 0x80);
  } while (left !== 0);
  return bytes;
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (;;) {
    const low = left & 0x7f;
    left >>= 7;
    const isLast = (left === 0 && (low & 0x40) === 0) || (left === -1 && (low & 0x40) !== 0);
    bytes.push(isLast ? low : low | 0x80);
    if (isLast) return bytes;
  }
}

const vector = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: Code): number[] => [id, ...unsigned(content.length), ...content];
const text = (value: string): number[] => vector([...value].map((letter) => [letter.charCodeAt(0)]));
