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

/** Choices that change the formula. */
const MORE_VARIANTS: Readonly<Record<string, readonly ParameterValues[]>> = {
  spread: [{ kind: 'ratio', window: 5 }],
  correlation: [
    { of: 'levels', window: 5 },
    { of: 'changes', window: 6 },
  ],
};

function variants(step: FeatureStep): ParameterValues[] {
  const small = Object.entries(step.parameters).map(([name, declaration]) => [name, smallValues(declaration)] as const);
  return [
    resolveParameters(step.parameters, {}, step.name),
    Object.fromEntries(small),
    ...(MORE_VARIANTS[step.name] ?? []),
  ];
}

const cases = FEATURE_STEPS.flatMap((step) =>
  variants(step).map((parameters) => ({ name: `${step.name} ${JSON.stringify(parameters)}`, step, parameters })),
);

describe.each(cases)('$name', ({ step, parameters }) => {
  /** A step of scope `pair` is compared with another walk, unless it is given one. */
  const inputOf = (values: ArrayLike<number>, reference: ArrayLike<number> = randomWalk(values.length, 23, 9)) =>
    step.scope === 'pair' ? featureInput(values, undefined, reference) : featureInput(values);
  const compute = (values: ArrayLike<number>, reference?: ArrayLike<number>) =>
    step.compute(inputOf(values, reference), parameters);

  it('changes nothing at or before t when values after t change, also to NaN', () => {
    fc.assert(
      fc.property(series, series, fc.nat(), series, fc.boolean(), (values, pair, at, other, erase) => {
        const t = at % values.length;
        const change = (value: number, row: number) => (row <= t ? value : erase ? NaN : other[row % other.length]!);
        const reference = values.map((_, row) => pair[row % pair.length]!);
        const before = compute(values, reference);
        compute(values.map(change), reference.map(change)).forEach((column, at) => {
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
      fc.property(series, series, (values, pair) => {
        const reference = values.map((_, row) => pair[row % pair.length]!);
        const columns = compute(values, reference);
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
    const whole = values.slice();
    values[warmUp + 3] = NaN;
    const copy = values.slice();
    for (const column of [...compute(values), ...compute(whole, values)]) {
      expect(column.values.subarray(2 * warmUp + 4).some(Number.isNaN)).toBe(false);
    }
    expect(differingRows(values, copy)).toEqual([]);
    if (step.scope === 'axis') return;
    for (const column of step.scope === 'pair' ? compute(whole, values) : compute(values)) {
      expect(column.values.some(Number.isNaN)).toBe(true);
    }
  });

  if (step.restartRow !== undefined) {
    it('gives the same bytes from a row on when it begins anew at its restart row', () => {
      const [values, reference] = [randomWalk(1_100, 13, 40), randomWalk(1_100, 14, 30)];
      for (const hole of [70, 71, 300, 555, 901]) values[hole] = reference[hole + 9] = NaN;
      const input = inputOf(values, reference);
      const whole = step.compute(input, parameters);
      for (const row of [0, 1, 59, 72, 305, 600, 911, 1_099]) {
        const start = step.restartRow!(row, parameters);
        expect(start).toBeGreaterThanOrEqual(0);
        expect(start).toBeLessThanOrEqual(row);
        const later = inputOf(values.subarray(start), reference.subarray(start));
        step.compute({ ...later, times: input.times.subarray(start) }, parameters).forEach((column, at) => {
          const [from, of] = [column.values.subarray(row - start), whole[at]!.values.subarray(row)];
          expect({ row, start, differing: differingRows(from, of) }).toEqual({ row, start, differing: [] });
        });
      }
    });
  }

  it('gives the same bytes after its parameters went through JSON', () => {
    const values = randomWalk(200, 11);
    const again = step.compute(inputOf(values), JSON.parse(JSON.stringify(parameters)) as ParameterValues);
    compute(values).forEach((column, at) => expect(differingRows(column.values, again[at]!.values)).toEqual([]));
  });

  it('refuses a parameter that it does not have', () => {
    expect(failureOf(() => step.compute(inputOf([1, 2]), { ...parameters, shape: 1 })).code).toBe('PARAMETER_INVALID');
  });
});

describe('feature steps', () => {
  it('have unique names', () => {
    const names = FEATURE_STEPS.map((step) => step.name);
    expect(names).toEqual(['lags', 'calendar', 'sma', 'ema', 'rsi', 'bollinger', 'spread', 'correlation']);
  });

  it('are found by name, and an unknown name lists them', () => {
    expect(getFeatureStep('rsi').title).toBe('Relative strength index');
    expect(failureOf(() => getFeatureStep('rsl'))).toMatchObject({
      code: 'FEATURE_STEP_UNKNOWN',
      message: 'there is no feature step rsl; use one of lags, calendar, sma, ema, rsi, bollinger, spread, correlation',
    });
  });
});
