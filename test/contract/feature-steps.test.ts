import fc from 'fast-check';
import { FEATURE_STEPS, getFeatureStep } from '#src/ml/features/feature-steps.js';
import type { FeatureStep } from '#src/ml/features/feature-step.js';
import type { ParameterDeclaration, ParameterValues } from '#src/ml/parameters.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import { failureOf } from '../support/failure-of.js';
import { barColumns, barInput, differingRows, inputFrom, randomWalk, type BarColumns } from '../support/series.js';

/**
 * Real: every step of the list, with its defaults, with small windows, and with each value of its choices. A step is
 * given the other columns that it declares for these parameters, and no others.
 */

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
  const declarations = Object.entries(step.parameters);
  const small = Object.fromEntries(declarations.map(([name, declaration]) => [name, smallValues(declaration)]));
  const choices = declarations.flatMap(([name, declaration]) =>
    declaration.kind === 'choice' ? declaration.values.map((value) => ({ ...small, [name]: value })) : [],
  );
  return [resolveParameters(step.parameters, {}, step.name), ...(choices.length === 0 ? [small] : choices)];
}

const cases = FEATURE_STEPS.flatMap((step) =>
  variants(step).map((parameters) => ({ name: `${step.name} ${JSON.stringify(parameters)}`, step, parameters })),
);

describe.each(cases)('$name', ({ step, parameters }) => {
  const required = step.requiredColumns?.(parameters) ?? [];
  const inputOf = (values: ArrayLike<number>, bars?: BarColumns) => barInput(values, required, bars);
  const compute = (values: ArrayLike<number>, bars?: BarColumns) => step.compute(inputOf(values, bars), parameters);
  /** Far above 0, where every formula is defined. */
  const prices = (length: number, seed: number) => randomWalk(length, seed, 1_000);

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

  it('changes nothing at or before t when other columns change after t, also to NaN', () => {
    const column = fc.constantFrom<keyof BarColumns>('high', 'low', 'volume');
    fc.assert(
      fc.property(fc.nat(78), column, series, (t, name, others) => {
        const values = prices(80, 17);
        const bars = barColumns(values);
        const changed = {
          ...bars,
          [name]: bars[name].map((value, row) => (row <= t ? value : others[row % others.length]!)),
        };
        const before = compute(values, bars);
        compute(values, changed).forEach((column, at) => {
          expect(differingRows(column.values.subarray(0, t + 1), before[at]!.values.subarray(0, t + 1))).toEqual([]);
        });
      }),
      { numRuns: required.length === 0 ? 1 : 100 },
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
    const columns = compute(prices(warmUp + 30, 3));
    const firstRows = columns.map((column) => column.values.findIndex((value) => !Number.isNaN(value)));
    expect(Math.max(...firstRows)).toBe(warmUp);
    for (const column of columns) expect(column.values.subarray(warmUp).some(Number.isNaN)).toBe(false);
  });

  it('recovers from a NaN after one warm-up and leaves its input alone', () => {
    const warmUp = step.warmUp(parameters);
    const values = prices(3 * warmUp + 10, 5);
    values[warmUp + 3] = NaN;
    const bars = barColumns(values);
    const copies = [values, ...Object.values(bars)].map((column) => column.slice());
    for (const column of compute(values, bars)) {
      expect(column.values.subarray(2 * warmUp + 4).some(Number.isNaN)).toBe(false);
      if (step.scope !== 'axis') expect(column.values.some(Number.isNaN)).toBe(true);
    }
    [values, ...Object.values(bars)].forEach((column, at) => expect(differingRows(column, copies[at]!)).toEqual([]));
  });

  it('recovers from a NaN in one other column after one warm-up', () => {
    const warmUp = step.warmUp(parameters);
    for (const name of required) {
      const values = prices(3 * warmUp + 10, 5);
      const bars = barColumns(values);
      bars[name as keyof BarColumns][warmUp + 3] = NaN;
      const columns = compute(values, bars);
      for (const column of columns) expect(column.values.subarray(2 * warmUp + 4).some(Number.isNaN)).toBe(false);
      expect(columns.some((column) => column.values.some(Number.isNaN))).toBe(true);
    }
  });

  it('gives the same bytes after its parameters went through JSON', () => {
    const values = randomWalk(200, 11);
    const again = step.compute(inputOf(values), JSON.parse(JSON.stringify(parameters)) as ParameterValues);
    compute(values).forEach((column, at) => expect(differingRows(column.values, again[at]!.values)).toEqual([]));
  });

  it('refuses a parameter that it does not have', () => {
    expect(failureOf(() => step.compute(inputOf([1, 2]), { ...parameters, shape: 1 })).code).toBe('PARAMETER_INVALID');
  });

  it('says which column it lacks', () => {
    for (const name of required) {
      const input = barInput(
        prices(20, 1),
        required.filter((other) => other !== name),
      );
      const failure = failureOf(() => step.compute(input, parameters));
      expect(failure).toMatchObject({ code: 'COLUMN_UNKNOWN', details: { step: step.name, column: name } });
    }
  });
});

describe.each(cases.filter(({ step }) => step.restartRow !== undefined))('$name begun anew', ({ step, parameters }) => {
  const restartRow = (row: number) => step.restartRow!(row, parameters);

  it('gives the same bytes from the row it was begun for on, over NaN, too', () => {
    const values = randomWalk(700, 23, 1_000);
    for (const row of [90, 91, 310, 555, 556]) values[row] = NaN;
    const input = barInput(values, step.requiredColumns?.(parameters));
    const whole = step.compute(input, parameters);
    for (let row = 0; row < values.length; row += 13) {
      const from = restartRow(row);
      step.compute(inputFrom(input, from), parameters).forEach((column, at) => {
        expect(column.name).toBe(whole[at]!.name);
        expect(differingRows(column.values.subarray(row - from), whole[at]!.values.subarray(row))).toEqual([]);
      });
    }
  });

  it('is never later than its row, never goes back, and leaves a long past behind', () => {
    const rows = Array.from({ length: 1_000 }, (_, row) => restartRow(row));
    expect(rows.filter((from, row) => from > row || from < (rows[row - 1] ?? 0))).toEqual([]);
    expect(restartRow(100_000)).toBeGreaterThan(99_800);
  });
});

describe('feature steps', () => {
  const names = FEATURE_STEPS.map((step) => step.name);

  it('have unique names', () => {
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['lags', 'calendar', 'sma', 'ema', 'rsi', 'bollinger']));
  });

  it('are found by name, and an unknown name lists them', () => {
    expect(getFeatureStep('rsi').title).toBe('Relative strength index');
    expect(failureOf(() => getFeatureStep('rsl'))).toMatchObject({
      code: 'FEATURE_STEP_UNKNOWN',
      message: `there is no feature step rsl; use one of ${names.join(', ')}`,
    });
  });
});
