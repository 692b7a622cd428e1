import { TrainyardError, decodeError, encodeError } from '#src/common/errors/index.js';

describe('error codec', () => {
  it('keeps code, message and details over a structured clone', () => {
    const error = new TrainyardError('SERIES_TOO_SHORT', 'short', { rows: 3, needed: 40 });
    expect(decodeError(structuredClone(encodeError(error)))).toMatchObject({
      code: 'SERIES_TOO_SHORT',
      message: 'short',
      details: { rows: 3, needed: 40 },
    });
  });
});
