/**
 * Seeded random numbers: xoshiro128** (Blackman & Vigna, Scrambled Linear Pseudorandom Number Generators, ACM TOMS 47,
 * 2021), period 2¹²⁸ − 1, its state filled by SplitMix32. Integer arithmetic only, so every platform draws the same.
 *
 * A purpose has its own stream, `createRandom(seed, stream, …)`: what one consumer draws never shifts what another gets,
 * and a resumed training derives its state from seed and epoch instead of storing it.
 */
export interface Random {
  /** 0 … 2³² − 1. */
  nextUint32(): number;
  /** [0, 1) with 53 random bits. */
  uniform(): number;
  /** 0 … below − 1 without bias; `below` is 1 … 2³². */
  integer(below: number): number;
  /** Standard normal, Box–Muller. */
  normal(): number;
  /** Fisher–Yates in place; every order is equally likely. */
  shuffle<Values extends Int32Array | unknown[]>(values: Values): Values;
  /** Four unsigned 32-bit words; `restoreRandom` goes on from there. */
  state(): readonly number[];
}

export function createRandom(seed: number, ...streams: readonly number[]): Random {
  let mixed = 0;
  for (const part of [seed, ...streams]) {
    if (!Number.isSafeInteger(part)) throw new Error(`a seed is a whole number up to 2^53, not ${part}`);
    mixed = splitMix32(mixed ^ (part >>> 0));
    mixed = splitMix32(mixed ^ (Math.floor(part / 2 ** 32) >>> 0));
  }
  const state = new Uint32Array(4);
  for (let word = 0; word < 4; word++) state[word] = splitMix32((mixed + Math.imul(word, 0x9e3779b9)) >>> 0);
  // The one state that the generator never leaves.
  if (state.every((word) => word === 0)) state[0] = 1;
  return generator(state);
}

export function restoreRandom(state: readonly number[]): Random {
  if (state.length !== 4 || state.every((word) => word === 0))
    throw new Error('a random state is four words, not all 0');
  return generator(Uint32Array.from(state));
}

/** One output of SplitMix32: the finaliser of MurmurHash3 over the next state. */
function splitMix32(state: number): number {
  let z = (state + 0x9e3779b9) >>> 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

const rotateLeft = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

function generator(s: Uint32Array): Random {
  function nextUint32(): number {
    const result = Math.imul(rotateLeft(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const shifted = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= shifted;
    s[3] = rotateLeft(s[3]!, 11);
    return result;
  }
  function uniform(): number {
    return ((nextUint32() >>> 5) * 2 ** 26 + (nextUint32() >>> 6)) / 2 ** 53;
  }
  function integer(below: number): number {
    const limit = 2 ** 32 - (2 ** 32 % below);
    let drawn = nextUint32();
    while (drawn >= limit) drawn = nextUint32();
    return drawn % below;
  }
  return {
    nextUint32,
    uniform,
    integer,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    shuffle(values) {
      for (let last = values.length - 1; last > 0; last--) {
        const other = integer(last + 1);
        const kept = values[last];
        values[last] = values[other];
        values[other] = kept;
      }
      return values;
    },
    state: () => [...s],
  };
}
