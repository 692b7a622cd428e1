import { dotFunction } from './dot-function.js';
import { triangleFunctions } from './triangle-functions.js';
import { wasmModule } from './wasm-code.js';

/** The part of the WebAssembly interface that is used here; TypeScript declares it for browsers only. */
interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
type Dots = (
  ...addresses: [
    ...[a: number, strideA: number, rowsA: number],
    ...[b: number, strideB: number, rowsB: number],
    ...[length: number, c: number, strideC: number],
  ]
) => void;
type OfTriangle<More extends number[]> = (
  ...addresses: [
    ...[x: number, strideX: number, rows: number],
    ...[s: number, strideS: number, t: number, strideT: number],
    ...More,
  ]
) => void;
interface Products {
  readonly memory: WasmMemory;
  readonly dots: Dots;
  readonly substituteForward: OfTriangle<[]>;
  readonly substituteBackward: OfTriangle<[]>;
  readonly quadraticForms: OfTriangle<[total: number]>;
}
interface Wasm {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Products };
}

const PAGE_BYTES = 65_536;

/** Rows of `stride` values from `offset` on, both counted in values; in the workspace that it came from. */
export interface Block {
  readonly offset: number;
  readonly stride: number;
}

/** Scratch memory in which products are computed. What it holds is lost when the next one is opened. */
export class Workspace {
  constructor(
    readonly values: Float64Array,
    private readonly products: Products,
  ) {}

  /** c[i][j] = Σ_m a[i][m]·b[j][m], m < length; rowsA and length multiples of 4, rowsB of 2. */
  dots(a: Block, rowsA: number, b: Block, rowsB: number, length: number, c: Block): void {
    if (rowsA === 0 || rowsB === 0) return;
    if (length === 0) {
      const { values } = this;
      for (let i = 0; i < rowsA; i++) values.fill(0, c.offset + i * c.stride, c.offset + i * c.stride + rowsB);
      return;
    }
    const [bytesA, bytesB, bytesC] = [a.stride * 8, b.stride * 8, c.stride * 8];
    this.products.dots(a.offset * 8, bytesA, rowsA, b.offset * 8, bytesB, rowsB, length * 8, c.offset * 8, bytesC);
  }

  /** For rows x of 8 values, their sums and a lower triangle [8, 8]; the formula stands at `triangleFunctions`. */
  substituteForward(x: Block, rows: number, sums: Block, triangle: Block): void {
    if (rows > 0) this.products.substituteForward(...addressesOf(x, rows, sums, triangle));
  }

  substituteBackward(x: Block, rows: number, sums: Block, triangle: Block): void {
    if (rows > 0) this.products.substituteBackward(...addressesOf(x, rows, sums, triangle));
  }

  /** Adds them to the value at `total`. */
  quadraticForms(x: Block, rows: number, sums: Block, triangle: Block, total: number): void {
    if (rows > 0) this.products.quadraticForms(...addressesOf(x, rows, sums, triangle), total * 8);
  }
}

type TriangleAddresses = [number, number, number, number, number, number, number];

const addressesOf = (x: Block, rows: number, sums: Block, triangle: Block): TriangleAddresses => [
  ...([x.offset * 8, x.stride * 8, rows] as const),
  ...([sums.offset * 8, sums.stride * 8, triangle.offset * 8, triangle.stride * 8] as const),
];

let products: Products | null = null;

/** `size` zeros. One memory serves a thread and grows to the largest problem: each costs gigabytes of address space. */
export function openWorkspace(size: number): Workspace {
  if (products === null) {
    const wasm = (globalThis as unknown as { readonly WebAssembly: Wasm }).WebAssembly;
    products = new wasm.Instance(new wasm.Module(wasmModule([dotFunction(), ...triangleFunctions()]))).exports;
  }
  const { memory } = products;
  const missing = size * 8 - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
  return new Workspace(new Float64Array(memory.buffer, 0, size).fill(0), products);
}
