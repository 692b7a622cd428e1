import fc from 'fast-check';
import { FEATURE_STEPS, getFeatureStep } from '#src/ml/features/feature-steps.js';
import type { FeatureInput, FeatureStep } from '#src/ml/features/feature-step.js';
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
  if (declaration.kind === 'integers') return declaration.minimumLength > 2 ? declaration.default : [1, 3];
  if (declaration.kind === 'integer') return Math.max(declaration.minimum, 4);
  return declaration.default;
}

/** What small values and each choice leave out. */
const MORE_VARIANTS: Readonly<Record<string, readonly ParameterValues[]>> = {
  arima: [
    { window: 'rolling', windowRows: 30, minimumRows: 20, refitEvery: 7, order: [2, 1, 0] },
    { window: 'rolling', windowRows: 40, minimumRows: 25, refitEvery: 11, order: [1, 0, 1], bridgeRows: 1 },
    { order: [2, 1, 2], search: true, minimumRows: 30 },
  ],
  fourier: [
    { window: 15, harmonics: [1, 3, 7], detrend: 'none' },
    { window: 16, harmonics: [2] },
  ],
};

function variants(step: FeatureStep): ParameterValues[] {
  const declarations = Object.entries(step.parameters);
  const small = Object.fromEntries(declarations.map(([name, declaration]) => [name, smallValues(declaration)]));
  const choices = declarations.flatMap(([name, declaration]) =>
    declaration.kind === 'choice' ? declaration.values.map((value) => ({ ...small, [name]: value })) : [],
  );
  return [
    resolveParameters(step.parameters, {}, step.name),
    ...(choices.length === 0 ? [small] : choices),
    ...(MORE_VARIANTS[step.name] ?? []),
  ];
}

const cases = FEATURE_STEPS.flatMap((step) =>
  variants(step).map((parameters) => ({ name: `${step.name} ${JSON.stringify(parameters)}`, step, parameters })),
);

interface Others {
  readonly bars?: BarColumns;
  readonly reference?: ArrayLike<number>;
}

function referenceOf(reference: ArrayLike<number>): Pick<FeatureInput, 'reference'> {
  return { reference: { asset: 'reference', value: Float64Array.from(reference) } };
}

describe.each(cases)('$name', ({ step, parameters }) => {
  const required = step.requiredColumns?.(parameters) ?? [];
  /** A step of scope `pair` is compared with another walk, unless it is given a reference. */
  const inputOf = (values: ArrayLike<number>, { bars, reference }: Others = {}) => ({
    ...barInput(values, required, bars),
    ...(step.scope === 'pair' ? referenceOf(reference ?? randomWalk(values.length, 29, 1_000)) : {}),
  });
  const compute = (values: ArrayLike<number>, others?: Others) => step.compute(inputOf(values, others), parameters);
  /** Far above 0, where every formula is defined. */
  const prices = (length: number, seed: number) => randomWalk(length, seed, 1_000);

  it('changes nothing at or before t when values after t change, also to NaN', () => {
    fc.assert(
      fc.property(series, series, fc.nat(), series, fc.boolean(), (values, pair, at, other, erase) => {
        const t = at % values.length;
        const change = (value: number, row: number) => (row <= t ? value : erase ? NaN : other[row % other.length]!);
        const reference = values.map((_, row) => pair[row % pair.length]!);
        const before = compute(values, { reference });
        compute(values.map(change), { reference: reference.map(change) }).forEach((column, at) => {
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
        const before = compute(values, { bars });
        compute(values, { bars: changed }).forEach((column, at) => {
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
      fc.property(series, series, (values, pair) => {
        const reference = values.map((_, row) => pair[row % pair.length]!);
        const columns = compute(values, { reference });
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
    const poisoned = compute(values, { bars });
    const poisonedReference = step.scope === 'pair' ? compute(prices(values.length, 6), { reference: values }) : [];
    for (const column of [...poisoned, ...poisonedReference]) {
      expect(column.values.subarray(2 * warmUp + 4).some(Number.isNaN)).toBe(false);
      if (step.scope !== 'axis') expect(column.values.some(Number.isNaN)).toBe(step.isConstant !== true);
    }
    [values, ...Object.values(bars)].forEach((column, at) => expect(differingRows(column, copies[at]!)).toEqual([]));
  });

  it('recovers from a NaN in one other column after one warm-up', () => {
    const warmUp = step.warmUp(parameters);
    for (const name of required) {
      const values = prices(3 * warmUp + 10, 5);
      const bars = barColumns(values);
      bars[name as keyof BarColumns][warmUp + 3] = NaN;
      const columns = compute(values, { bars });
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

  if (step.restartRow !== undefined) {
    const restartRow = (row: number) => step.restartRow!(row, parameters);

    it('gives the same bytes from a row on when it begins anew at its restart row, over NaN, too', () => {
      const [values, reference] = [prices(700, 13), prices(700, 14)];
      for (const hole of [90, 91, 310, 555, 556]) values[hole] = reference[hole + 9] = NaN;
      const input = inputOf(values, { reference });
      const whole = step.compute(input, parameters);
      for (let row = 0; row < values.length; row += 13) {
        const start = restartRow(row);
        // From row 0 on it would be the very computation that it is compared with.
        if (start === 0) continue;
        step.compute(inputFrom(input, start), parameters).forEach((column, at) => {
          const [from, of] = [column.values.subarray(row - start), whole[at]!.values.subarray(row)];
          expect({ row, start, differing: differingRows(from, of) }).toEqual({ row, start, differing: [] });
        });
      }
    });

    it('begins anew never after the row, never earlier for a later row, and leaves a long past behind', () => {
      const starts = Array.from({ length: 1_000 }, (_, row) => restartRow(row));
      expect(starts.filter((start, row) => start > row || start < (starts[row - 1] ?? 0))).toEqual([]);
      const resolved: ParameterValues = resolveParameters(step.parameters, parameters, step.name);
      const isExpanding = resolved['window'] === 'expanding';
      if (isExpanding) expect(restartRow(100_000)).toBe(0);
      else expect(restartRow(100_000)).toBeGreaterThan(99_700);
    });
  }
});

describe('feature steps', () => {
  const names = FEATURE_STEPS.map((step) => step.name);

  it('have unique names', () => {
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining([
        'lags',
        'calendar',
        'sma',
        'ema',
        'rsi',
        'bollinger',
        'arima',
        'fourier',
        'spread',
        'correlation',
      ]),
    );
  });

  it('are found by name, and an unknown name lists them', () => {
    expect(getFeatureStep('rsi').title).toBe('Relative strength index');
    expect(failureOf(() => getFeatureStep('rsl'))).toMatchObject({
      code: 'FEATURE_STEP_UNKNOWN',
      message: `there is no feature step rsl; use one of ${names.join(', ')}`,
    });
  });
});
