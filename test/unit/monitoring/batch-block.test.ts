import { decodeBlock, encodeBlock } from '#src/monitoring/batch-block.js';

describe('a block of a batch forecast', () => {
  it('comes back with every bit', () => {
    const values = Float64Array.of(0.1 + 0.2, -0, NaN, 5e-324, 1.7976931348623157e308);
    const block = encodeBlock([
      { name: 'time', kind: 'time', values: Float64Array.of(1, 2, 3, 4, 5) },
      { name: 'ä', kind: 'text', texts: ['one', 'zwei'], values: Float64Array.of(0, 1, 0, -1, 1) },
      { name: 'mean', kind: 'number', values },
    ]);
    const [time, text, mean] = decodeBlock(block);
    expect(time).toEqual({ name: 'time', kind: 'time', values: Float64Array.of(1, 2, 3, 4, 5) });
    expect(text).toEqual({ name: 'ä', kind: 'text', values: ['one', 'zwei', 'one', null, 'zwei'] });
    for (const [row, value] of values.entries()) expect(Object.is(mean?.values[row], value)).toBe(true);
  });
});
