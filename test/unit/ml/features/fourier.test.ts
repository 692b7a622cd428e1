import fc from 'fast-check';
import { fourier } from '#src/ml/features/fourier.js';
import { planRealTransform } from '#src/ml/features/fourier/real-transform.js';
import { featureInput, largestError, randomWalk, seededUniform } from '../../../support/series.js';

/** Real: transform and step; the oracle is the sum of the definition, O(n²). */

function naiveSpectrum(values: Float64Array): { re: number[]; im: number[] } {
  const n = values.length;
  const sum = (wave: (angle: number) => number) =>
    Array.from({ length: Math.floor(n / 2) + 1 }, (_, j) =>
      values.reduce((total, value, m) => total + value * wave((-2 * Math.PI * ((j * m) % n)) / n), 0),
    );
  return { re: sum(Math.cos), im: sum(Math.sin) };
}

function noise(length: number, seed: number): Float64Array {
  const uniform = seededUniform(seed);
  return Float64Array.from({ length }, () => uniform() - 0.5);
}

function compute(values: ArrayLike<number>, parameters: Parameters<typeof fourier.compute>[1]) {
  const columns = fourier.compute(featureInput(values), parameters);
  return Object.fromEntries(columns.map((column) => [column.name, column.values]));
}

describe('planRealTransform', () => {
  it('equals the defining sum for every length up to 130, and for 256, 1000 and 1009', () => {
    for (const length of [...Array.from({ length: 130 }, (_, at) => at + 1), 256, 1_000, 1_009]) {
      const values = noise(length, length);
      const { re, im } = planRealTransform(length)(values);
      const expected = naiveSpectrum(values);
      expect({ length, error: Math.max(largestError(re, expected.re), largestError(im, expected.im)) < 2e-13 }).toEqual(
        {
          length,
          error: true,
        },
      );
    }
  });

  it('keeps the energy (Parseval): Σx² = (X_0² + 2 Σ|X_j|² + X_{n/2}²) / n', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), fc.nat(), (length, seed) => {
        const values = noise(length, seed);
        const { re, im } = planRealTransform(length)(values);
        let energy = 0;
        re.forEach((real, j) => (energy += (j === 0 || 2 * j === length ? 1 : 2) * (real ** 2 + im[j]! ** 2)));
        const expected = values.reduce((sum, value) => sum + value ** 2, 0);
        expect(Math.abs(energy / length - expected)).toBeLessThan(1e-13 * Math.max(1, expected));
      }),
      { numRuns: 100 },
    );
  });
});

describe('fourier', () => {
  it('takes a sum of waves apart: strongest first, with shares of the variance and the leading period', () => {
    // Amplitudes 3, 2, 1 at 4, 10, 20 cycles a window of 128: energies 9 : 4 : 1.
    const wave = (row: number, cycles: number) => Math.sin((2 * Math.PI * cycles * row) / 128 + cycles);
    const values = Float64Array.from(
      { length: 300 },
      (_, row) => 50 + 3 * wave(row, 4) + 2 * wave(row, 10) + wave(row, 20),
    );
    const columns = compute(values, { window: 128, harmonics: [1, 2, 3], detrend: 'none' });
    for (let row = 127; row < 300; row++) {
      expect(columns['FT_1_w128_mean']![row]).toBeCloseTo(50 + 3 * wave(row, 4), 11);
      expect(columns['FT_2_w128_mean']![row]).toBeCloseTo(50 + 3 * wave(row, 4) + 2 * wave(row, 10), 11);
      expect(columns['FT_3_w128_mean']![row]).toBeCloseTo(values[row]!, 11);
      expect(columns['FT_share_1_w128_mean']![row]).toBeCloseTo(9 / 14, 12);
      expect(columns['FT_share_2_w128_mean']![row]).toBeCloseTo(13 / 14, 12);
      expect(columns['FT_period_w128_mean']![row]).toBe(32);
    }
  });

  it.each([16, 15])('gives the series back from all harmonics of %i rows, at any offset', (window) => {
    const values = randomWalk(200, 4, 1e6);
    const columns = compute(values, { window, harmonics: [100] });
    expect(
      largestError(
        columns[`FT_${Math.floor(window / 2)}_w${window}`]!.subarray(window - 1),
        values.subarray(window - 1),
      ),
    ).toBeLessThan(1e-15);
  });

  it('makes columns that would be equal once, and no share that is always 1', () => {
    expect(fourier.columnNames({})).toEqual([
      ...[3, 6, 9, 100].map((count) => `FT_${count}`),
      ...[3, 6, 9, 100].map((count) => `FT_share_${count}`),
      'FT_period',
    ]);
    expect(fourier.columnNames({ window: 64, harmonics: [3, 32, 100] })).toEqual([
      'FT_3_w64',
      'FT_32_w64',
      'FT_share_3_w64',
      'FT_period_w64',
    ]);
  });

  it('rebuilds a line from its trend alone; a resting series has no cycles', () => {
    const line = Float64Array.from({ length: 40 }, (_, row) => 1_000 + 0.1 * row);
    const columns = compute(line, { window: 16, harmonics: [2] });
    expect(largestError(columns['FT_2_w16']!.subarray(15), line.subarray(15))).toBeLessThan(1e-14);
    const still = compute(new Float64Array(40).fill(0.1), { window: 16, harmonics: [2] });
    expect([still['FT_2_w16']![20], still['FT_share_2_w16']![20], still['FT_period_w16']![20]]).toEqual([0.1, 1, 16]);
  });

  it('follows a trend only where it is taken out first', () => {
    const trending = randomWalk(600, 6, 100).map((value, row) => value + row);
    const missed = (detrend: string, name: string) => {
      const rebuilt = compute(trending, { detrend })[name]!;
      return rebuilt.subarray(255).reduce((sum, value, at) => sum + Math.abs(value - trending[at + 255]!), 0) / 345;
    };
    expect(missed('linear', 'FT_3')).toBeLessThan(1);
    expect(missed('none', 'FT_3_mean')).toBeGreaterThan(50);
  });
});
