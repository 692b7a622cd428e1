import { writeNormalShares, writeSampledShares } from '#src/ml/algorithms/direction/change-shares.js';
import { forecastErrors } from '#src/ml/algorithms/direction/forecast-errors.js';
import { directionData, swingingSeries } from '../../../../support/direction-windows.js';
import { trainingContext } from '../../../../support/synthetic-windows.js';

const written = (write: (into: Float64Array) => void): number[] => {
  const into = new Float64Array(5).fill(7);
  write(into);
  expect([into[0], into[4]]).toEqual([7, 7]);
  return [...into.subarray(1, 4)];
};

describe('the shares of a change', () => {
  it('of a normal one are the areas below, within and above the limit', () => {
    const [down, flat, up] = written((into) => writeNormalShares(0.5, 2, 1, into, 1));
    // Φ(−0.75), Φ(0.25) − Φ(−0.75), 1 − Φ(0.25).
    expect(down).toBeCloseTo(0.2266273523768682, 12);
    expect(flat).toBeCloseTo(0.5987063256829237 - 0.2266273523768682, 12);
    expect(up).toBeCloseTo(1 - 0.5987063256829237, 12);
    const [fallen, still, risen] = written((into) => writeNormalShares(0, 1, 0, into, 1));
    expect([fallen, still, risen]).toEqual([0.5, 0, 0.5]);
  });

  it('of one that is certain are all in one place, the limit itself being flat', () => {
    expect(written((into) => writeNormalShares(1, 0, 1, into, 1))).toEqual([0, 1, 0]);
    expect(written((into) => writeNormalShares(-1.1, 0, 1, into, 1))).toEqual([1, 0, 0]);
    expect(written((into) => writeNormalShares(1.1, 0, 1, into, 1))).toEqual([0, 0, 1]);
  });

  it('of outcomes are counted from the last value, by the rule of succession', () => {
    const outcomes = Float64Array.of(8, 9, 9.5, 10, 10.5, 11, 12);
    // Below 9: 8. Within 9 … 11: five. Above: 12.
    expect(written((into) => writeSampledShares(outcomes, 10, 1, into, 1))).toEqual([2 / 10, 6 / 10, 2 / 10]);
    const broken = Float64Array.of(8, NaN);
    expect(written((into) => writeSampledShares(broken, 10, 1, into, 1))).toEqual([NaN, NaN, NaN]);
  });
});

describe('the errors of a forecaster', () => {
  const data = directionData({
    series: swingingSeries(1_400),
    targets: ['alpha', 'beta'],
    lookBack: 4,
    horizon: 2,
    seasonLength: 4,
  });
  const zero = {
    forecast: async (_: unknown, origins: Int32Array) => new Float64Array(origins.length * 4),
    dispose() {},
  };

  it('are those of the validation windows, ascending, 200 of a step at most', async () => {
    const { shape, data: errors } = await forecastErrors(data, zero, trainingContext());
    expect(data.origins.validation.length).toBeGreaterThan(200);
    expect(shape).toEqual([2, 2, 200]);
    const values = [...data.origins.validation].map((origin) => data.targets.columns[1]![origin + 2]!);
    values.sort((a, b) => a - b);
    const ofSecond = [...errors.subarray(600, 800)];
    expect(ofSecond).toEqual([...ofSecond].sort((a, b) => a - b));
    // Evenly spaced in rank: the median among those kept is that of all, to a rank or two.
    expect(values.indexOf(ofSecond[100]!) / values.length).toBeCloseTo(0.5, 2);
  });

  it('leave out what was not observed, and cannot do without any', async () => {
    const { validation } = data.origins;
    const hidden = (rows: (row: number) => boolean) => ({
      ...data,
      targets: {
        ...data.targets,
        observed: data.targets.observed.map((column) => column.map((one, row) => (rows(row) ? 0 : one))),
      },
    });
    const few = await forecastErrors(
      hidden((row) => row > validation[0]! + 12),
      zero,
      trainingContext(),
    );
    // Twelve rows after the first origin: eleven of them are second rows of a window.
    expect(few.shape).toEqual([2, 2, 11]);
    await expect(
      forecastErrors(
        hidden(() => true),
        zero,
        trainingContext(),
      ),
    ).rejects.toMatchObject({
      code: 'WINDOWS_NONE',
      message: expect.stringContaining('No value of alpha was observed 1 rows after a validation window') as string,
      details: { part: 'validation', asset: 'alpha', step: 1 },
    });
  });
});
