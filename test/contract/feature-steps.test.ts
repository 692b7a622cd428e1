import fc from 'fast-check';
import { FEATURE_STEPS, getFeatureStep } from '#src/ml/features/feature-steps.js';
import type { FeatureStep } from '#src/ml/features/feature-step.js';
import type { ParameterDeclaration, ParameterValues } from '#src/ml/parameters.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import { failureOf } from '../support/failure-of.js';
import { differingRows, featureInput, randomWalk } from '../support/series.js';

/** Real: every step of the list, with its defaults and with small windows. */

const series = fc.array(fc.oneof({ weight: 6, arbitrary: fc.double({ min: -1e6, max: 1e6 }) }, fc.constant(NaN)), {
  minLength: 1,
  maxLength: 80,
});

/** Values that are small enough for short series to leave the warm-up. */
function smallValues(declaration: ParameterDeclaration): ParameterValues[string] {
  if (declaration.kind === 'integers') return [1, 3];
  if (declaration.kind === 'integer') return Math.max(declaration.minimum, 4);
  return declaration.default;
}

function variants(step: FeatureStep): ParameterValues[] {
  const small = Object.entries(step.parameters).map(([name, declaration]) => [name, smallValues(declaration)] as const);
  return [resolveParameters(step.parameters, {}, step.name), Object.fromEntries(small)];
}

const cases = FEATURE_STEPS.flatMap((step) =>
  variants(step).map((parameters) => ({ name: `${step.name} ${JSON.stringify(parameters)}`, step, parameters })),
);

describe.each(cases)('$name', ({ step, parameters }) => {
  const compute = (values: ArrayLike<number>) => step.compute(featureInput(values), parameters);

  it('changes nothing at or before t when values after t change, also to NaN', () => {
    fc.assert(
      fc.property(series, fc.nat(), series, fc.boolean(), (values, at, other, erase) => {
        const t = at % values.length;
        const changed = values.map((value, row) => (row <= t ? value : erase ? NaN : other[row % other.length]!));
        const before = compute(values);
        compute(changed).forEach((column, at) => {
          expect(differingRows(column.values.subarray(0, t + 1), before[at]!.values.subarray(0, t + 1))).toEqual([]);
        });
      }),
      { numRuns: 200 },
    );
  });

  it('gives the same bytes at t for a series that ends at t', () => {
    const values = randomWalk(120, 7, 50);
    const whole = compute(values);
    for (const t of [0, 1, 13, 40, 118]) {
      compute(values.subarray(0, t + 1)).forEach((column, at) => {
        expect(differingRows(column.values, whole[at]!.values.subarray(0, t + 1))).toEqual([]);
      });
    }
  });

  it('names its columns as announced, as long as the axis, never infinite', () => {
    fc.assert(
      fc.property(series, (values) => {
        const columns = compute(values);
        expect(columns.map((column) => column.name)).toEqual(step.columnNames(parameters));
        for (const column of columns) {
          expect(column.values).toHaveLength(values.length);
          expect(column.values.some((value) => Math.abs(value) === Infinity)).toBe(false);
        }
      }),
    );
  });

  it('is NaN during warm-up and complete from its end on', () => {
    const warmUp = step.warmUp(parameters);
    const columns = compute(randomWalk(warmUp + 30, 3));
    const firstRows = columns.map((column) => column.values.findIndex((value) => !Number.isNaN(value)));
    expect(Math.max(...firstRows)).toBe(warmUp);
    for (const column of columns) expect(column.values.subarray(warmUp).some(Number.isNaN)).toBe(false);
  });

  it('recovers from a NaN after one warm-up and leaves its input alone', () => {
    const warmUp = step.warmUp(parameters);
    const values = randomWalk(3 * warmUp + 10, 5);
    values[warmUp + 3] = NaN;
    const copy = values.slice();
    for (const column of compute(values)) {
      expect(column.values.subarray(2 * warmUp + 4).some(Number.isNaN)).toBe(false);
      if (step.scope !== 'axis') expect(column.values.some(Number.isNaN)).toBe(true);
    }
    expect(differingRows(values, copy)).toEqual([]);
  });

  it('gives the same bytes after its parameters went through JSON', () => {
    const values = randomWalk(200, 11);
    const again = step.compute(featureInput(values), JSON.parse(JSON.stringify(parameters)) as ParameterValues);
    compute(values).forEach((column, at) => expect(differingRows(column.values, again[at]!.values)).toEqual([]));
  });

  it('refuses a parameter that it does not have', () => {
    expect(failureOf(() => step.compute(featureInput([1, 2]), { ...parameters, shape: 1 })).code).toBe(
      'PARAMETER_INVALID',
    );
  });
});

describe('feature steps', () => {
  it('have unique names', () => {
    const names = FEATURE_STEPS.map((step) => step.name);
    expect(names).toEqual(['lags', 'calendar', 'sma', 'ema', 'rsi', 'bollinger']);
  });

  it('are found by name, and an unknown name lists them', () => {
    expect(getFeatureStep('rsi').title).toBe('Relative strength index');
    expect(failureOf(() => getFeatureStep('rsl'))).toMatchObject({
      code: 'FEATURE_STEP_UNKNOWN',
      message: 'there is no feature step rsl; use one of lags, calendar, sma, ema, rsi, bollinger',
    });
  });
});
