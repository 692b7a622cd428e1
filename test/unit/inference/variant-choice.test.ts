import fc from 'fast-check';
import { chooseVariant } from '#src/inference/variant-choice.js';
import { seededUniform } from '../../support/series.js';

const endpoint = (weights: Readonly<Record<string, number>>) => ({
  name: 'e',
  variants: Object.entries(weights).map(([name, weight], at) => ({ name, weight, modelVersion: at + 1, alias: null })),
});
const never = (): number => {
  throw new Error('nothing is drawn');
};
const ids = Array.from({ length: 4_000 }, (_, at) => `order-${at}`);
const byId = (weights: Readonly<Record<string, number>>) =>
  ids.map((inferenceId) => chooseVariant(endpoint(weights), { inferenceId }, never).name);
const share = (names: readonly string[], wanted: string) =>
  names.filter((name) => name === wanted).length / names.length;

describe('chooseVariant', () => {
  it('gives each variant its share of random draws', () => {
    const random = seededUniform(3);
    const split = endpoint({ old: 7, canary: 2, next: 1, off: 0 });
    const names = Array.from({ length: 20_000 }, () => chooseVariant(split, {}, random).name);
    // Three standard deviations of a share over 20,000 draws are at most 0.0106.
    expect(share(names, 'old')).toBeCloseTo(0.7, 1);
    expect(Math.abs(share(names, 'old') - 0.7)).toBeLessThan(0.011);
    expect(Math.abs(share(names, 'canary') - 0.2)).toBeLessThan(0.011);
    expect(Math.abs(share(names, 'next') - 0.1)).toBeLessThan(0.011);
    expect(share(names, 'off')).toBe(0);
  });

  it.each([
    [0, 'a'],
    [0.2499, 'a'],
    [0.25, 'b'],
    [1 - 2 ** -53, 'b'],
  ])('of the weights 1 and 3 the draw %d means %s', (uniform, name) => {
    expect(chooseVariant(endpoint({ a: 1, none: 0, b: 3 }), {}, () => uniform).name).toBe(name);
  });

  it('never gives a variant of weight 0 to whoever does not name it, whatever the weights', () => {
    const weights = fc.array(fc.double({ min: 1e-9, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(weights, fc.double({ min: 0, max: 1 - 2 ** -53, noNaN: true }), fc.string(), (open, uniform, id) => {
        const split = endpoint({ off: 0, ...Object.fromEntries(open.map((weight, at) => [`v${at}`, weight])) });
        expect(chooseVariant(split, {}, () => uniform).weight).toBeGreaterThan(0);
        expect(chooseVariant(split, { inferenceId: id }, never).weight).toBeGreaterThan(0);
      }),
    );
  });

  it('takes the one that is named, whatever its weight, and draws nothing', () => {
    expect(chooseVariant(endpoint({ a: 1, off: 0 }), { targetVariant: 'off', inferenceId: 'x' }, never).name).toBe(
      'off',
    );
    expect(() => chooseVariant(endpoint({ a: 1, b: 1 }), { targetVariant: 'c' }, never)).toThrow(
      'Endpoint "e" has no variant "c": it has a, b',
    );
    expect(chooseVariant(endpoint({ only: 1 }), {}, never).name).toBe('only');
  });

  it('answers an id by the same variant every time, and gives each its share of the ids', () => {
    const names = byId({ old: 3, next: 1 });
    expect(byId({ old: 3, next: 1 })).toEqual(names);
    // Three standard deviations over 4,000 ids are 0.0205.
    expect(Math.abs(share(names, 'next') - 0.25)).toBeLessThan(0.021);
  });

  it('moves only ids to the variant whose weight grows', () => {
    const before = byId({ old: 9, next: 1, third: 2 });
    const after = byId({ old: 9, next: 4, third: 2 });
    const moved = ids.filter((_, at) => before[at] !== after[at]);
    expect(moved.length).toBeGreaterThan(400);
    expect(ids.filter((_, at) => before[at] !== after[at] && after[at] !== 'next')).toEqual([]);
  });
});
