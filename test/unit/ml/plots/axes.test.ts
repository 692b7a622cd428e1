import { timeTicks } from '#src/ml/plots/axes.js';

const DAY_MS = 86_400_000;

describe('timeTicks', () => {
  it.each([
    [20 * 365 * DAY_MS, '%Y'],
    [600 * DAY_MS, '%b %Y'],
    [30 * DAY_MS, '%d %b %Y'],
    [5 * DAY_MS, '%d %b %H:%M'],
    [60_000, '%d %b %H:%M:%S'],
  ])('labels a span of %d ms over 1,160 pixels with %s', (spanMs, format) => {
    expect(timeTicks(spanMs, 1_160)).toEqual({ tickCount: 10, format });
  });

  it('asks for two ticks at least', () => {
    expect(timeTicks(DAY_MS, 40).tickCount).toBe(2);
  });
});
