import { countText, errorText, skillText } from '#src/ml/evaluation/score-text.js';

describe('score text', () => {
  it.each([
    [0, '0.00'],
    [0.000123456, '0.000123'],
    [0.0999, '0.0999'],
    [1.005, '1.00'],
    [12.345, '12.3'],
    [999.6, '1000'],
    [123_456, '123456'],
    [4_212_345_678, '4.21e+9'],
    [0.00001, '1.00e-5'],
  ])('writes the error %d as %s', (value, text) => expect(errorText(value)).toBe(text));

  it.each([
    [0.414, '41 %'],
    [-0.126, '−13 %'],
    [-0.001, '0 %'],
    [null, '–'],
  ])('writes the skill %p as %s', (value, text) => expect(skillText(value)).toBe(text));

  it('groups thousands', () => {
    expect([7, 999, 2_785, 1_234_567].map(countText)).toEqual(['7', '999', '2,785', '1,234,567']);
  });
});
