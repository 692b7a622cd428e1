import { mergeOverrides } from '#src/executions/merge-overrides.js';

const parameters = { algorithm: { name: 'lstm' }, split: { by: 'ratio' } } as never;

describe('overrides of a clone', () => {
  test.each([
    ['nothing new', { windows: { horizon: 24 } }, {}, { windows: { horizon: 24 } }],
    [
      'field by field',
      { windows: { horizon: 24, lookBack: 48 } },
      { windows: { horizon: 12 } },
      { windows: { horizon: 12, lookBack: 48 } },
    ],
    ['lists as a whole', { data: { targets: ['A', 'B'] } }, { data: { targets: ['C'] } }, { data: { targets: ['C'] } }],
    [
      'the same algorithm keeps its hyperparameters',
      { algorithm: { hyperparameters: { units: 8 } } },
      { algorithm: { name: 'lstm', hyperparameters: { epochs: 3 } } },
      { algorithm: { name: 'lstm', hyperparameters: { units: 8, epochs: 3 } } },
    ],
    [
      'another algorithm drops them',
      { algorithm: { name: 'lstm', hyperparameters: { units: 8 } }, training: { seed: 1 } },
      { algorithm: { name: 'ridge' } },
      { algorithm: { name: 'ridge' }, training: { seed: 1 } },
    ],
    [
      'another split drops the old one',
      { split: { test: 0.3 } },
      { split: { by: 'date', trainEnd: 'x' } },
      { split: { by: 'date', trainEnd: 'x' } },
    ],
  ])('%s', (_, overrides, changes, expected) => {
    const before = JSON.stringify(overrides);
    expect(mergeOverrides({ overrides, parameters }, changes)).toEqual(expected);
    expect(JSON.stringify(overrides)).toBe(before);
  });

  test('a key named __proto__ stays an ordinary key', () => {
    const changes = JSON.parse('{"__proto__": {"polluted": true}}') as Record<string, unknown>;
    const merged = mergeOverrides({ overrides: {}, parameters }, changes);
    expect(Object.keys(merged)).toEqual(['__proto__']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
