import fc from 'fast-check';
import { diffFields } from '#src/templates/diff-parameters.js';
import { flattenFields } from '#src/templates/parameter-fields.js';

describe('the differences of two versions', () => {
  it('are listed field by field, in order of their paths', () => {
    const from = { name: 'a', windows: { horizon: 3, lookBack: 9 }, algorithm: { name: 'ridge', h: { lambda: 1 } } };
    const to = { name: 'a', windows: { horizon: 5, lookBack: 9 }, algorithm: { name: 'lstm', h: { units: [8, 8] } } };
    expect(diffFields(from, to)).toEqual([
      { path: 'algorithm.h.lambda', change: 'removed', from: 1 },
      { path: 'algorithm.h.units', change: 'added', to: [8, 8] },
      { path: 'algorithm.name', change: 'changed', from: 'ridge', to: 'lstm' },
      { path: 'windows.horizon', change: 'changed', from: 3, to: 5 },
    ]);
  });

  it('compare lists as a whole, in their order, and null as a value', () => {
    expect(diffFields({ a: [1, 2], b: null }, { a: [2, 1], b: 'all' })).toEqual([
      { path: 'a', change: 'changed', from: [1, 2], to: [2, 1] },
      { path: 'b', change: 'changed', from: null, to: 'all' },
    ]);
  });

  const leaf = fc.oneof(
    fc.integer({ min: 0, max: 2 }),
    fc.constant(null),
    fc.array(fc.nat({ max: 1 }), { maxLength: 1 }),
  );
  const group = fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.oneof(leaf, fc.dictionary(fc.constantFrom('x', 'y'), leaf)),
  );

  it('turn the one into the other, and are empty only between equals', () => {
    fc.assert(
      fc.property(group, group, (from, to) => {
        const leaves = flattenFields(from);
        const differences = diffFields(from, to);
        for (const { path, change, to: value } of differences) {
          if (change === 'removed') leaves.delete(path);
          else leaves.set(path, value);
        }
        expect(leaves).toEqual(flattenFields(to));
        expect(differences.length === 0).toBe(
          JSON.stringify([...flattenFields(from)].sort()) === JSON.stringify([...flattenFields(to)].sort()),
        );
      }),
    );
  });
});
