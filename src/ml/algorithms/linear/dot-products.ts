import { dotModule } from './dot-module.js';

/** The part of the WebAssembly interface that is used here; TypeScript declares it for browsers only. */
interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
type Dots = (
  a: number,
  strideA: number,
  rowsA: number,
  b: number,
  strideB: number,
  rowsB: number,
  length: number,
  c: number,
  strideC: number,
) => void;
interface Wasm {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: { readonly memory: WasmMemory; readonly dots: Dots } };
}

const PAGE_BYTES = 65_536;

/** Rows of `stride` values from `offset` on, both counted in values; in the workspace that it came from. */
export interface Block {
  readonly offset: number;
  readonly stride: number;
}

/** Scratch memory in which `dots` computes. What it holds is lost when the next one is opened. */
export interface Workspace {
  readonly values: Float64Array;
  /** c[i][j] = Σ_m a[i][m]·b[j][m], m < length; rowsA and length multiples of 4, rowsB of 2. */
  dots(a: Block, rowsA: number, b: Block, rowsB: number, length: number, c: Block): void;
}

let exports: { readonly memory: WasmMemory; readonly dots: Dots } | null = null;

/** `size` zeros. One memory serves a thread and grows to the largest problem: each costs gigabytes of address space. */
export function openWorkspace(size: number): Workspace {
  if (exports === null) {
    const wasm = (globalThis as unknown as { readonly WebAssembly: Wasm }).WebAssembly;
    exports = new wasm.Instance(new wasm.Module(dotModule())).exports;
  }
  const { memory, dots } = exports;
  const missing = size * 8 - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
  const values = new Float64Array(memory.buffer, 0, size).fill(0);
  return {
    values,
    dots(a, rowsA, b, rowsB, length, c) {
      if (rowsA === 0 || rowsB === 0) return;
      if (length === 0) {
        for (let i = 0; i < rowsA; i++) values.fill(0, c.offset + i * c.stride, c.offset + i * c.stride + rowsB);
        return;
      }
      dots(
        a.offset * 8,
        a.stride * 8,
        rowsA,
        b.offset * 8,
        b.stride * 8,
        rowsB,
        length * 8,
        c.offset * 8,
        c.stride * 8,
      );
    },
  };
}
