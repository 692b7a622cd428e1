/**
 * Writes WebAssembly modules instruction by instruction, since nothing in the build compiles to WebAssembly.
 * Source: WebAssembly Core Specification 2.0, chapter 5 (binary format).
 */
export type Code = readonly number[];

export type WasmType = 'i32' | 'f64' | 'v128';

/** Parameters are i32, addresses and lengths. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: number;
  readonly result: WasmType | null;
  /** Locals besides the parameters, as many of each type in this order. */
  readonly locals: readonly (readonly [count: number, type: WasmType])[];
  readonly body: Code;
}

const TYPES: Readonly<Record<WasmType, number>> = { i32: 0x7f, f64: 0x7c, v128: 0x7b };

const END = 0x0b;
const SIMD = 0xfd;
export const ADD: Code = [0x6a];
export const SUBTRACT: Code = [0x6b];
export const FLOAT: Readonly<Record<'add' | 'subtract' | 'multiply' | 'divide', Code>> = {
  add: [0xa0],
  subtract: [0xa1],
  multiply: [0xa2],
  divide: [0xa3],
};
/** Of two float64 each. */
export const LANES: Readonly<Record<'add' | 'multiply' | 'zero' | 'first' | 'second', Code>> = {
  add: [SIMD, 0xf0, 0x01],
  multiply: [SIMD, 0xf2, 0x01],
  zero: [SIMD, 0x0c, ...new Array<number>(16).fill(0)],
  /** The first lanes of two vectors, and the second ones. */
  first: [SIMD, 0x0d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23],
  second: [SIMD, 0x0d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31],
};

/** The instructions of one function, whose parameters and locals have names, in their order. */
export class Frame<Local extends string> {
  private readonly numbers: ReadonlyMap<Local, number>;

  constructor(locals: readonly Local[]) {
    this.numbers = new Map(locals.map((name, at) => [name, at]));
  }

  get(local: Local): Code {
    return [0x20, ...unsigned(this.numbers.get(local)!)];
  }

  set(local: Local, ...value: Code[]): Code {
    return [...value.flat(), 0x21, ...unsigned(this.numbers.get(local)!)];
  }

  plus(local: Local, by: Local | number): Code {
    return [...this.get(local), ...(typeof by === 'number' ? constant(by) : this.get(by)), ...ADD];
  }

  step(local: Local, by: Local | number): Code {
    return this.set(local, this.plus(local, by));
  }

  /** Two float64 at an address. Rows begin at multiples of 8. */
  loadLanes(address: Local, offset: number): Code {
    return [...this.get(address), SIMD, 0x00, 3, ...unsigned(offset)];
  }

  storeLanes(address: Local, value: Code): Code {
    return [...this.get(address), ...value, SIMD, 0x0b, 3, 0];
  }

  load(address: Local, offset: number): Code {
    return [...this.get(address), 0x2b, 3, ...unsigned(offset)];
  }

  store(address: Local, offset: number, value: Code): Code {
    return [...this.get(address), ...value, 0x39, 3, ...unsigned(offset)];
  }
}

export const constant = (value: number): Code => [0x41, ...signed(value)];

export const float = (value: number): Code => [0x44, ...new Uint8Array(Float64Array.of(value).buffer)];

/** Runs `body` until what it leaves on the stack is 0. */
export const repeat = (...body: Code[]): Code => [0x03, 0x40, ...body.flat(), 0x0d, 0, END];

/** A module with one memory, exported as `memory`, and functions under their names. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array {
  const types = functions.map(({ parameters, result }) => [
    0x60,
    ...vector(Array.from({ length: parameters }, () => [TYPES.i32])),
    ...vector(result === null ? [] : [[TYPES[result]]]),
  ]);
  const bodies = functions.map(({ locals, body }) => {
    const code = [...vector(locals.map(([count, type]) => [...unsigned(count), TYPES[type]])), ...body, END];
    return [...unsigned(code.length), ...code];
  });
  const exported = [[...text('memory'), 2, 0], ...functions.map(({ name }, at) => [...text(name), 0, at])];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(3, vector(functions.map((_, at) => [at]))),
    ...section(5, [1, 0, 1]),
    ...section(7, vector(exported)),
    ...section(10, vector(bodies)),
  ]);
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
