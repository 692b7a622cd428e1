import fc from 'fast-check';
import { createValidationPipe } from '#src/common/http/validation.js';
import { ForecastRequest } from '#src/inference/dto/forecast-request.dto.js';

const metadata = { type: 'body', metatype: ForecastRequest } as const;
/** The same fields, checked one by one. */
class Checked extends ForecastRequest {
  static override fits(): boolean {
    return false;
  }
}

const optional = { requiredKeys: [] as never[], noNullPrototype: true as const };
const value = fc.oneof(
  { weight: 200, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 20, arbitrary: fc.constant(null) },
  fc.constantFrom(NaN, Infinity, '1', {}, undefined),
);
/** The checks of fields lose series that are named as a method of every object; recognised bodies keep them. */
const name = fc.string().filter((one) => !(one in {}));
const fitting = fc.record(
  {
    times: fc.array(fc.string()),
    series: fc.dictionary(name, fc.array(value), { noNullPrototype: true }),
  },
  { noNullPrototype: true },
);
const odd = fc.record(
  {
    times: fc.oneof(fc.array(fc.oneof(fc.string(), fc.integer())), fc.constant(null)),
    series: fc.constantFrom(null, [], {}),
    extra: fc.integer(),
  },
  optional,
);
const rows = fc.oneof({ weight: 5, arbitrary: fitting }, odd, fc.constant(null));
const body = fc.oneof(
  { weight: 5, arbitrary: fc.record({ window: rows, future: rows }, optional) },
  fc.record({ window: rows, horizon: fc.integer(), other: fc.integer() }, optional),
);

describe('ForecastRequest', () => {
  it('recognises nothing that the checks of its fields refuse, and takes it as they do', async () => {
    const pipe = createValidationPipe();
    let recognised = 0;
    await fc.assert(
      fc.asyncProperty(body, async (given) => {
        if (!ForecastRequest.fits(given)) return;
        recognised++;
        const quick = (await pipe.transform(given, metadata)) as ForecastRequest;
        const checked = (await pipe.transform(given, { ...metadata, metatype: Checked })) as ForecastRequest;
        expect(quick).toBeInstanceOf(ForecastRequest);
        expect(JSON.stringify(quick)).toBe(JSON.stringify(checked));
      }),
      { numRuns: 500 },
    );
    expect(recognised).toBeGreaterThan(50);
  });

  it.each([
    ['an unknown field', { window: { times: [], series: {} }, windows: 1 }, /windows: there is no such field/],
    [
      'a value that is no number',
      { window: { times: ['2026-01-01'], series: { a: ['1'] } } },
      /"a"\[0\] = "1" must be/,
    ],
    ['an option out of range', { horizon: 0 }, /horizon must not be less than 1/],
  ])('says what is wrong with %s', async (_, given, message) => {
    await expect(createValidationPipe().transform(given, metadata)).rejects.toThrow(message);
  });
});
