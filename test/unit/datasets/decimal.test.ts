import fc from 'fast-check';
import { MISSING_TEXTS, NOT_FINITE, readDecimal } from '#src/datasets/rows/decimal.js';

describe('decimal numbers', () => {
  it('reads every decimal to the same double as JavaScript does', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 20 });
    const text = fc
      .tuple(fc.constantFrom('', '-', '+'), digits, fc.option(digits), fc.option(fc.integer({ min: -30, max: 30 })))
      .map(
        ([sign, whole, part, power]) =>
          sign + whole + (part === null ? '' : `.${part}`) + (power === null ? '' : `e${power}`),
      );
    fc.assert(fc.property(text, (written) => expect(readDecimal(written, '.')).toBe(Number(written) + 0)));
  });

  it.each([
    ['1', 1],
    ['-0', 0],
    ['-0.0', 0],
    ['.5', 0.5],
    ['5.', 5],
    [' 12.5 ', 12.5],
    ['1e-3', 0.001],
    ['0.1', 0.1],
    ['123456789012345', 123456789012345],
    ['1234567890123456789', 1_234_567_890_123_456_768],
  ])('reads %j as %d', (text, value) => {
    expect(readDecimal(text, '.')).toBe(value);
  });

  it('reads the texts for "no value" as missing, in any case and with spaces', () => {
    for (const text of MISSING_TEXTS) expect(readDecimal(` ${text.toUpperCase()} `, '.')).toBeNaN();
  });

  it.each(['Infinity', '-Infinity', '1e999', 'abc', '0x1F', '0b1', '1,5', '1.2.3', '1 000', '--1', '1e', 'true', '٣'])(
    'does not take %j for a number',
    (text) => {
      expect(readDecimal(text, '.')).toBe(NOT_FINITE);
    },
  );

  it('reads decimal commas where they are stated, and then no points', () => {
    expect(readDecimal('-1234,5', ',')).toBe(-1234.5);
    expect(readDecimal('12345678901234567,5', ',')).toBe(12345678901234568);
    expect(readDecimal('7', ',')).toBe(7);
    expect(readDecimal('1.5', ',')).toBe(NOT_FINITE);
    expect(readDecimal('1.234,5', ',')).toBe(NOT_FINITE);
  });
});
