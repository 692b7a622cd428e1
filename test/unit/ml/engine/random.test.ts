import fc from 'fast-check';
import { createRandom, restoreRandom } from '#src/ml/engine/random.js';

test('xoshiro128** from the state 1, 2, 3, 4 gives the published sequence', () => {
  // The vector that rand_xoshiro (Rust) tests against, made with the reference C code.
  const random = restoreRandom([1, 2, 3, 4]);
  expect(Array.from({ length: 10 }, () => random.nextUint32())).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ]);
});

test('the same seed and stream give the same numbers, another of either gives others', () => {
  const draw = (...streams: [number, ...number[]]): number[] => {
    const random = createRandom(...streams);
    return Array.from({ length: 8 }, () => random.nextUint32());
  };
  expect(draw(7, 1)).toEqual(draw(7, 1));
  const others = [draw(7), draw(7, 2), draw(8, 1), draw(1, 7), draw(7 + 2 ** 32, 1)];
  for (const other of others) expect(other).not.toEqual(draw(7, 1));
});

test('a saved state goes on where it was saved', () => {
  const random = createRandom(3);
  random.normal();
  const copy = restoreRandom(random.state());
  expect(copy.uniform()).toBe(random.uniform());
});

test('uniform numbers have mean 1/2 and variance 1/12, normal ones 0 and 1', () => {
  const random = createRandom(11);
  const moments = (draw: () => number): [number, number] => {
    const values = Array.from({ length: 50_000 }, draw);
    const mean = values.reduce((a, b) => a + b) / values.length;
    return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length];
  };
  const [uniformMean, uniformVariance] = moments(() => random.uniform());
  expect(Math.abs(uniformMean - 0.5)).toBeLessThan(0.005);
  expect(Math.abs(uniformVariance - 1 / 12)).toBeLessThan(0.002);
  const [normalMean, normalVariance] = moments(() => random.normal());
  expect(Math.abs(normalMean)).toBeLessThan(0.015);
  expect(Math.abs(normalVariance - 1)).toBeLessThan(0.03);
});

test('a shuffle keeps every element, and each order of three comes up equally often', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.integer()), (seed, values) => {
      expect(
        createRandom(seed)
          .shuffle([...values])
          .sort(),
      ).toEqual([...values].sort());
    }),
  );
  const random = createRandom(5);
  const counts = new Map<string, number>();
  for (let n = 0; n < 6000; n++) {
    const order = random.shuffle([0, 1, 2]).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(6);
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(130);
});

test('a seed that is not a whole number is a bug', () => {
  expect(() => createRandom(0.5)).toThrow('a seed is a whole number up to 2^53, not 0.5');
});
