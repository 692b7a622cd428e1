import fc from 'fast-check';
import { CsvReader } from '#src/datasets/csv/csv-reader.js';
import type { Delimiter } from '#src/datasets/rows/reading.js';
import { failureOf } from '../../support/failure-of.js';

type Records = { fields: string[]; line: number }[];

/** Feeds `text` in pieces of `size` bytes: records must not depend on where chunks end. */
function read(text: string | Uint8Array, size = 7, delimiter: Delimiter | null = null): Records {
  const records: Records = [];
  const reader = new CsvReader(delimiter, '.', (fields, line) => records.push({ fields: [...fields], line }));
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  reader.end();
  return records;
}

describe('CSV reader', () => {
  it('splits records and counts lines, over blank lines and line breaks inside quotes', () => {
    const records = read('a,b\n1,"x\ny"\n\n"say ""hi""",4\r\n5,6');
    expect(records).toEqual([
      { fields: ['a', 'b'], line: 1 },
      { fields: ['1', 'x\ny'], line: 2 },
      { fields: ['say "hi"', '4'], line: 5 },
      { fields: ['5', '6'], line: 6 },
    ]);
  });

  it('reads a byte order mark, CRLF, quoted headers and characters of several bytes', () => {
    const records = read('\uFEFF"Zeit";"Wert €"\r\n2024-01-01;"1;5"\r\n', 1);
    expect(records.map(({ fields }) => fields)).toEqual([
      ['Zeit', 'Wert €'],
      ['2024-01-01', '1;5'],
    ]);
  });

  it.each([
    ['a,b;c,d', ','],
    ['a;b,c;d', ';'],
    ['a\tb\tc', '\t'],
    ['"a,b,c";d', ';'],
    ['alone', ','],
  ])('detects the delimiter of %j', (header, delimiter) => {
    const reader = new CsvReader(null, '.', () => undefined);
    reader.push(Buffer.from(`${header}\n`));
    expect(reader.usedDelimiter).toBe(delimiter);
  });

  it('gives back what was written, whatever the fields hold and wherever the chunks end', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '1', ',', ';', '"', '\n', '\r', ' ', 'é', '🚀') });
    const rows = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 9 }), fc.constantFrom('\n', '\r\n'), (written, size, end) => {
        const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const text = written.map((row) => row.map(quote).join(',')).join(end);
        expect(read(text, size, ',').map(({ fields }) => fields)).toEqual(written);
      }),
    );
  });

  it.each([
    ['a,b\n1,"2', 'line 2: a quote is opened and never closed; quote whole fields and double the quotes inside them'],
    [
      'a,b\n1,2"3',
      'line 2: a quote stands inside an unquoted field; quote whole fields and double the quotes inside them',
    ],
    ['a,b\n"1"x,2', 'line 2: text follows a closing quote; quote whole fields and double the quotes inside them'],
  ])('refuses %j', (text, message) => {
    expect(failureOf(() => read(text))).toMatchObject({ code: 'DATASET_FORMAT_INVALID', message });
  });

  it('refuses what is not UTF-8, with the line', () => {
    const latin1 = Buffer.concat([Buffer.from('a,b\n1,2\n'), Buffer.from([0xe9, 0x2c, 0x31, 0x0a])]);
    expect(failureOf(() => read(latin1, 8))).toMatchObject({
      code: 'DATASET_FORMAT_INVALID',
      message: 'the data is not UTF-8: bytes near line 3 do not decode; save the file as UTF-8 (not UTF-16 or Latin-1)',
    });
  });

  it('refuses a line longer than a million characters before it has all of it', () => {
    const failure = failureOf(() => read(`a,b\n${'9'.repeat(1_100_000)}`, 65_536));
    expect(failure.code).toBe('DATASET_FORMAT_INVALID');
    expect(failure.message).toMatch(/^line 2 has \d+ characters or more and may have 1048576: is a quote left open/);
  });
});
