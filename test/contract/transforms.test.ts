import fc from 'fast-check';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import type { PositionalTransform, Series } from '#src/ml/transforms/transform.js';
import {
  applyChain,
  fitChain,
  openInverse,
  type FittedChain,
  type PlannedChain,
} from '#src/ml/transforms/transform-chain.js';
import { resolveChain, type GivenTransform } from '#src/ml/transforms/resolve-chain.js';
import { TRANSFORMS, getTransform } from '#src/ml/transforms/transforms.js';
import { failureOf } from '../support/failure-of.js';
import { DAY_MS, differingRows, regularTimes } from '../support/series.js';

/** Real: every transform of the list, alone and in chains. */

const FACTS = { seasonLength: 4, column: 'a' };

interface Case {
  readonly name: string;
  readonly given: string | readonly GivenTransform[];
}

const CASES: readonly Case[] = [
  ...TRANSFORMS.map(({ name }) => ({ name, given: name })),
  { name: 'difference of lag 3', given: [{ transform: 'difference', parameters: { lag: 3 } }] },
  { name: 'log, difference, standard', given: ['log', 'difference', 'standard'] },
  { name: 'detrend, robust', given: ['detrend', 'robust'] },
  { name: 'seasonal-difference, difference, min-max', given: ['seasonal-difference', 'difference', 'min-max'] },
  { name: 'log-return, reduction', given: ['log-return', 'reduction'] },
  { name: 'standard, detrend, seasonal-difference', given: ['standard', 'detrend', 'seasonal-difference'] },
];

const cases = CASES.map(({ name, given }) => {
  const planned: PlannedChain = resolveChain(given, 'scaling.targets');
  const names = typeof planned === 'string' ? [planned] : planned.map(({ transform }) => transform);
  return {
    name,
    planned,
    // What takes logarithms of changes, or scales exponentials, is held to positive series of one order of magnitude.
    isPositive: names.includes('log-return'),
    isElementWise: names.every((one) => getTransform(one).kind === 'element-wise'),
    isMild: names.length > 1 || names.some((one) => getTransform(one).kind === 'positional'),
  };
});

const wide = fc
  .tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: -20, max: 20 }))
  .map(([mantissa, exponent]) => mantissa * 10 ** exponent);
const mild = fc.double({ min: -1e3, max: 1e3, noNaN: true });
const positive = fc.double({ min: 1e-2, max: 1e3, noNaN: true });

function columnOf(number: fc.Arbitrary<number>, minLength = 1): fc.Arbitrary<Float64Array> {
  return fc
    .array(fc.oneof({ weight: 6, arbitrary: number }, fc.constant(NaN)), { minLength, maxLength: 60 })
    .map((values) => Float64Array.from(values));
}

const sizeOf = (values: Float64Array): number =>
  values.reduce((largest, value) => (Number.isNaN(value) ? largest : Math.max(largest, Math.abs(value))), 0);
const seriesOf = (values: Float64Array): Series => ({ times: regularTimes(values.length, DAY_MS), values });
const fitOf = (planned: PlannedChain, values: Float64Array): FittedChain =>
  fitChain(planned, seriesOf(values), FACTS, 'series');

describe.each(cases)('$name', ({ planned, isPositive, isElementWise, isMild }) => {
  const number = isPositive ? positive : isMild ? mild : wide;
  const column = columnOf(number);

  it('is inverted: what follows an origin comes back to 1e-9 of the size of the data', () => {
    fc.assert(
      fc.property(columnOf(number, 2), fc.nat(), fc.nat(8), (values, at, further) => {
        const chain = fitOf(planned, values);
        const transformed = applyChain(chain, seriesOf(values));
        const origin = at % (values.length - 1);
        const end = Math.min(values.length, origin + 2 + further);
        const future = transformed.subarray(origin + 1, end);
        if (!isElementWise && future.some(Number.isNaN)) return;
        const restored = openInverse(chain, seriesOf(values), 'a')(future, Int32Array.of(origin));
        // Squares of what is smaller than 1e-150 vanish, so such columns count as constant.
        const limit = 1e-9 * sizeOf(values) + 1e-149;
        const wrong = values.subarray(origin + 1, end).filter((value, row) => {
          if (Number.isNaN(value)) return !Number.isNaN(restored[row]!);
          return !(Math.abs(restored[row]! - value) <= limit);
        });
        expect([...wrong]).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('restores a forecast the same whatever comes after its origin', () => {
    fc.assert(
      fc.property(columnOf(number, 12), columnOf(number, 12), fc.nat(), (values, others, at) => {
        const chain = fitOf(planned, values);
        const origin = at % values.length;
        const future = Float64Array.of(0.1, -0.2, 0.3);
        const later = values.map((value, row) => (row > origin ? (others[row % others.length] ?? NaN) : value));
        const times = regularTimes(values.length + 3, DAY_MS);
        const restore = (column: Float64Array) => () => [
          ...openInverse(chain, { times, values: column }, 'a')(future, Int32Array.of(origin)),
        ];
        const failure = attempt(restore(values));
        expect(attempt(restore(later))).toEqual(failure);
      }),
    );
  });

  it('gives each of many forecasts what it gives one alone', () => {
    const values = Float64Array.from({ length: 40 }, (_, row) => 50 + 10 * Math.sin(row) + row);
    const inverse = openInverse(fitOf(planned, values.subarray(0, 30)), seriesOf(values), 'a');
    const origins = Int32Array.of(12, 13, 20, 31);
    const forecasts = Float64Array.from({ length: 12 }, (_, at) => Math.cos(at) / 4);
    const together = inverse(forecasts, origins);
    origins.forEach((origin, at) => {
      const alone = inverse(forecasts.subarray(3 * at, 3 * at + 3), Int32Array.of(origin));
      expect(differingRows(alone, together.subarray(3 * at, 3 * at + 3))).toEqual([]);
    });
  });

  it('leaves NaN out when fitting', () => {
    fc.assert(
      fc.property(column, (values) => {
        const rows = [...values.keys()].filter((row) => !Number.isNaN(values[row]!));
        const times = regularTimes(values.length, DAY_MS);
        const numbers = {
          times: Float64Array.from(rows, (row) => times[row]!),
          values: Float64Array.from(rows, (row) => values[row]!),
        };
        // Of a change both values are needed, so a chain behind one is fitted on what both are there for.
        if (Array.isArray(planned) && !isElementWise && planned.length > 1) return;
        expect(fitChain(planned, numbers, FACTS)).toEqual(fitOf(planned, values));
      }),
    );
  });

  it('is NaN where a value is missing, and never where an element-wise map has one', () => {
    fc.assert(
      fc.property(column, (values) => {
        const mapped = applyChain(fitOf(planned, values), seriesOf(values));
        const wrong = values.filter((value, row) =>
          Number.isNaN(value) ? !Number.isNaN(mapped[row]!) : isElementWise && Number.isNaN(mapped[row]!),
        );
        expect([...wrong]).toEqual([]);
      }),
    );
  });

  it('gives finite numbers for constant, single and absent values', () => {
    const trains = [[3, 3, NaN, 3], [0.1], [NaN], [], ...(isPositive ? [] : [[0, 0], [-2]]), [1e16, 1e16 + 2]];
    for (const values of trains) {
      const mapped = applyChain(fitOf(planned, Float64Array.from(values)), seriesOf(new Float64Array(12).fill(3)));
      expect(mapped.slice(8).every(Number.isFinite)).toBe(true);
    }
  });

  it('changes nothing at or before t when values after t change, also to NaN', () => {
    fc.assert(
      fc.property(column, columnOf(number, 2), columnOf(number, 2), fc.nat(), (train, values, others, at) => {
        const chain = fitOf(planned, train);
        const t = at % values.length;
        const later = values.map((value, row) => (row > t ? (others[row] ?? NaN) : value));
        const [left, right] = [values, later].map((one) => applyChain(chain, seriesOf(one)).subarray(0, t + 1));
        expect(differingRows(left!, right!)).toEqual([]);
        const cut = applyChain(chain, seriesOf(values.subarray(0, t + 1)));
        expect(differingRows(left!, cut)).toEqual([]);
      }),
    );
  });

  it('works the same with a state that went through JSON, and leaves its input alone', () => {
    fc.assert(
      fc.property(columnOf(number, 9), (values) => {
        const copy = values.slice();
        const chain = fitOf(planned, values);
        const restored = JSON.parse(JSON.stringify(chain)) as FittedChain;
        expect(restored).toEqual(chain);
        const mapped = applyChain(chain, seriesOf(values));
        expect(differingRows(mapped, applyChain(restored, seriesOf(values)))).toEqual([]);
        expect(differingRows(values, copy)).toEqual([]);
      }),
    );
  });

  it('resolves to itself', () => {
    expect(resolveChain(planned, 'scaling.targets')).toEqual(planned);
  });
});

/** The values, or the code of the failure. */
function attempt(run: () => number[]): unknown {
  try {
    return run();
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

describe.each(
  TRANSFORMS.filter((transform): transform is PositionalTransform => transform.kind === 'positional').map(
    (transform) => ({ name: transform.name, transform }),
  ),
)('positional $name', ({ transform }) => {
  it('needs no more rows before the origin than it says', () => {
    const values = Float64Array.from({ length: 30 }, (_, row) => 20 + row + Math.sin(row));
    const parameters = resolveParameters(transform.parameters, {}, transform.name);
    const state = transform.fit(seriesOf(values), parameters, FACTS);
    const kept = transform.contextRows(state);
    const restore = (column: Float64Array) =>
      transform.inverseAfter(Float64Array.of(0.1, 0.2, 0.3, 0.4, 0.5), seriesOf(column), 20, state);
    const cut = values.map((value, row) => (row > 20 - kept && row <= 20 ? value : NaN));
    expect(differingRows(restore(cut), restore(values))).toEqual([]);
    expect(restore(cut).every(Number.isFinite)).toBe(true);
  });
});

describe('transforms', () => {
  it('are found by name, and an unknown name lists them', () => {
    expect(getTransform('standard').title).toBe('Standard score');
    expect(failureOf(() => getTransform('rank'))).toMatchObject({
      code: 'TRANSFORM_UNKNOWN',
      message:
        'there is no transform rank; use one of standard, min-max, robust, reduction, log, difference, seasonal-difference, log-return, detrend, none',
    });
  });

  it('have unique names and say what they do', () => {
    expect(new Set(TRANSFORMS.map(({ name }) => name)).size).toBe(TRANSFORMS.length);
    for (const { description } of TRANSFORMS) expect(description.length).toBeGreaterThan(20);
  });
});
