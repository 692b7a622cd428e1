import { resolveParameters } from '../resolve-parameters.js';
import type { ParameterSpace, ParameterValues } from '../parameters.js';
import type { FeatureStep } from './feature-step.js';
import { planLowPass } from './fourier/low-pass.js';

const parameters = {
  harmonics: {
    kind: 'integers',
    default: [3, 6, 9, 100],
    minimum: 1,
    maximum: 10_000,
    minimumLength: 1,
    maximumLength: 64,
    description: 'Numbers of harmonics to rebuild the series from, one column each; at most half the window.',
  },
  window: {
    kind: 'integer',
    default: 256,
    minimum: 4,
    maximum: 10_000,
    unit: 'rows',
    description: 'Rows whose spectrum is taken; powers of two are fastest.',
  },
  detrend: {
    kind: 'choice',
    values: ['linear', 'none'],
    default: 'linear',
    description:
      'What is taken out of the window before its spectrum and put back afterwards: its least-squares line, or the mean alone. Without the line a trend is a jump from the last row to the first, which the rebuilt last row is drawn towards.',
  },
} as const satisfies ParameterSpace;

/**
 * The series rebuilt from the k strongest harmonics of rows t − w + 1 … t, at row t (`FT_k`; the formulas are at
 * `planLowPass`); the share of the window's detrended variance that they hold (`FT_share_k`), and the rows of one cycle of
 * the strongest (`FT_period`). Cooley & Tukey 1965; the use as a feature of prices is that of the predecessor, which took
 * one spectrum of the whole series and so showed every row its future.
 *
 * A k above ⌊w/2⌋ counts as ⌊w/2⌋ and columns that would be equal are made once; all ⌊w/2⌋ harmonics give the series back,
 * their share is always 1 and is left out. Each spectrum is computed from its window alone, by a transform per row: a
 * sliding one would drift, and would depend on where the series begins. NaN in the first w − 1 rows and while a NaN is in
 * the window. Names carry the window where it is not 256, and `mean` where only the mean is taken out.
 */
export const fourier: FeatureStep = {
  name: 'fourier',
  title: 'Strongest harmonics',
  description: 'The series rebuilt from the strongest harmonics of the last rows, their share, and the leading period.',
  codeVersion: 1,
  scope: 'asset',
  costly: true,
  parameters,
  warmUp: (values) => resolveParameters(parameters, values, 'fourier').window - 1,
  columnNames,
  restartRow: (row, values) => Math.max(0, row - resolveParameters(parameters, values, 'fourier').window + 1),
  compute(input, values) {
    const { window, detrend } = resolveParameters(parameters, values, 'fourier');
    const counts = countsOf(values);
    const lowPass = planLowPass(window, counts, detrend === 'linear');
    const columns = columnNames(values).map((name) => ({
      name,
      values: new Float64Array(input.value.length).fill(NaN),
    }));
    let complete = 0;
    for (let row = 0; row < input.value.length; row++) {
      complete = Number.isNaN(input.value[row]!) ? 0 : complete + 1;
      if (complete < window) continue;
      const { values: rebuilt, shares, period } = lowPass(input.value.subarray(row - window + 1, row + 1));
      const made = [...rebuilt, ...shares.filter((_, at) => counts[at]! < Math.floor(window / 2)), period];
      made.forEach((value, at) => (columns[at]!.values[row] = Number.isFinite(value) ? value : NaN));
    }
    return columns;
  },
};

/** The different numbers of harmonics that the window has, in the order asked for. */
function countsOf(values: ParameterValues): readonly number[] {
  const { window, harmonics } = resolveParameters(parameters, values, 'fourier');
  return [...new Set(harmonics.map((count) => Math.min(count, Math.floor(window / 2))))];
}

function columnNames(values: ParameterValues): readonly string[] {
  const { window, detrend } = resolveParameters(parameters, values, 'fourier');
  const suffix = `${window === parameters.window.default ? '' : `_w${window}`}${detrend === 'linear' ? '' : '_mean'}`;
  const counts = countsOf(values);
  return [
    ...counts.map((count) => `FT_${count}${suffix}`),
    ...counts.filter((count) => count < Math.floor(window / 2)).map((count) => `FT_share_${count}${suffix}`),
    `FT_period${suffix}`,
  ];
}
