import type { ParameterSpace } from '#src/ml/parameters.js';
import { failureOf } from '../../support/failure-of.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';

const space = {
  epochs: { kind: 'integer', default: 20, minimum: 1, maximum: 1000, description: '' },
  rate: { kind: 'number', default: 0.001, minimum: 1e-6, maximum: 1, scale: 'log', description: '' },
  shuffle: { kind: 'boolean', default: true, description: '' },
  optimizer: { kind: 'choice', values: ['adam', 'sgd'], default: 'adam', description: '' },
  lags: {
    kind: 'integers',
    default: [1, 2],
    minimum: 1,
    maximum: 100,
    minimumLength: 1,
    maximumLength: 3,
    description: '',
  },
} as const satisfies ParameterSpace;

describe('resolveParameters', () => {
  it('fills in every default and keeps what is given', () => {
    expect(resolveParameters(space, { epochs: 5, lags: [7] }, 'p')).toEqual({
      epochs: 5,
      rate: 0.001,
      shuffle: true,
      optimizer: 'adam',
      lags: [7],
    });
  });

  it('is idempotent, and typed by the space', () => {
    const once = resolveParameters(space, { rate: 0.5 }, 'p');
    const rate: number = once.rate;
    expect(rate).toBe(0.5);
    expect(resolveParameters(space, once, 'p')).toEqual(once);
  });

  it.each([
    [{ epochs: 0 }, 'hyper.epochs must be an integer in 1…1000, not 0'],
    [{ epochs: 2.5 }, 'hyper.epochs must be an integer in 1…1000, not 2.5'],
    [{ epochs: '5' }, 'hyper.epochs must be an integer in 1…1000, not "5"'],
    [{ epochs: null }, 'hyper.epochs must be an integer in 1…1000, not null'],
    [{ rate: NaN }, 'hyper.rate must be a number in 0.000001…1, not NaN'],
    [{ rate: Infinity }, 'hyper.rate must be a number in 0.000001…1, not Infinity'],
    [{ shuffle: 1 }, 'hyper.shuffle must be true or false, not 1'],
    [{ optimizer: 'adagrad' }, 'hyper.optimizer must be one of adam, sgd, not "adagrad"'],
    [{ lags: [] }, 'hyper.lags must be a list of 1 to 3 numbers, not []'],
    [{ lags: 7 }, 'hyper.lags must be a list of 1 to 3 numbers, not 7'],
    [{ lags: [1, 101] }, 'hyper.lags[1] must be an integer in 1…100, not 101'],
    [{ lags: [1.5] }, 'hyper.lags[0] must be an integer in 1…100, not 1.5'],
    [{ epoch: 5 }, 'hyper.epoch is not a parameter; use one of epochs, rate, shuffle, optimizer, lags'],
    [
      JSON.parse('{"__proto__": 5}') as object,
      'hyper.__proto__ is not a parameter; use one of epochs, rate, shuffle, optimizer, lags',
    ],
    [{ toString: 5 }, 'hyper.toString is not a parameter; use one of epochs, rate, shuffle, optimizer, lags'],
  ])('refuses %j', (given, message) => {
    const failure = failureOf(() => resolveParameters(space, given as Record<string, unknown>, 'hyper'));
    expect(failure).toMatchObject({ code: 'PARAMETER_INVALID', message });
  });

  it('names value, limits and path in the details', () => {
    expect(failureOf(() => resolveParameters(space, { epochs: 5000 }, 'hyper')).details).toEqual({
      path: 'hyper.epochs',
      value: 5000,
      minimum: 1,
      maximum: 1000,
    });
    expect(() => resolveParameters({}, { a: 1 }, 'hyper')).toThrow(
      'hyper.a is not a parameter; it takes no parameters',
    );
  });
});
