import fc from 'fast-check';
import { isoTextOf, timeOfIsoText } from '#src/inference/iso-times.js';

describe('ISO times', () => {
  it('are those of Date, the first time and the second, and each other inverse', () => {
    fc.assert(
      fc.property(fc.integer({ min: -60_000_000_000_000, max: 250_000_000_000_000 }), (timeMs) => {
        const text = new Date(timeMs).toISOString();
        for (let time = 1; time <= 2; time++) {
          expect(isoTextOf(timeMs)).toBe(text);
          expect(timeOfIsoText(text)).toBe(timeMs);
        }
      }),
    );
  });

  it.each([
    ['2026-02-03', Date.UTC(2026, 1, 3)],
    ['2026-02-03T04:05Z', Date.UTC(2026, 1, 3, 4, 5)],
    ['2026-02-03T04:05:06.789+01:30', Date.UTC(2026, 1, 3, 2, 35, 6, 789)],
    ['2026-02-03T04:05', NaN],
    ['2026-02-30T25:00Z', NaN],
    ['Feb 3 2026', NaN],
    ['', NaN],
  ])('%s is %d', (text, timeMs) => {
    expect(timeOfIsoText(text)).toBe(timeMs);
    expect(timeOfIsoText(text)).toBe(timeMs);
  });

  it('stay right when more are asked for than are remembered', () => {
    const begin = Date.UTC(2026, 0, 1);
    for (let at = 0; at < 45_000; at++) {
      const timeMs = begin + at * 60_000;
      if (timeOfIsoText(isoTextOf(timeMs)) !== timeMs) throw new Error(`row ${at}`);
    }
    expect(isoTextOf(begin)).toBe('2026-01-01T00:00:00.000Z');
  });
});
