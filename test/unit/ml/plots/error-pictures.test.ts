import { autocorrelations } from '#src/ml/metrics/autocorrelation.js';
import { evaluateModel } from '#src/ml/evaluation/report.js';
import { residualSpec } from '#src/ml/plots/residual-spec.js';
import { stepErrorSpec } from '#src/ml/plots/step-error-spec.js';
import { renderPicture } from '#src/training/worker/picture.js';
import { example, forecasterOf } from '../evaluation/windowed-example.js';

const series = Array.from({ length: 400 }, (_, row) => 10 + Math.sin(row / 3) + ((row * 7_919) % 97) / 100);

async function scored() {
  const made = example({ series: { a: series }, horizon: 2, seasonLength: 4 });
  const naive = forecasterOf(made.data, (origin) => made.data.targets.columns[0]![origin]!);
  return { ...made, ...(await evaluateModel(made.data, made.fitted, naive, undefined, [0.8])) };
}

describe('pictures of errors', () => {
  it('keep the residuals of the first and the last step of each test window', async () => {
    const { residuals, data } = await scored();
    expect(residuals!.origins).toEqual(data.origins.test);
    const [origin] = residuals!.origins;
    expect(residuals!.targets[0]!.first[0]).toBeCloseTo(series[origin! + 1]! - series[origin!]!, 10);
    expect(residuals!.targets[0]!.last[0]).toBeCloseTo(series[origin! + 2]! - series[origin!]!, 10);
  });

  it('say in their titles that there is no skill, and are drawn', async () => {
    const { report, residuals, data } = await scored();
    const steps = stepErrorSpec(report, 'Naive')!;
    expect(JSON.stringify(steps.title)).toContain('Naive: error by step — no skill');
    expect(JSON.stringify(steps.title)).toContain('at 0 of 2 steps');
    const { times } = data;
    const picture = {
      algorithm: 'Naive',
      part: report.test!,
      residuals: residuals!,
      times,
      horizon: 2,
      seasonLength: 4,
    };
    const left = residualSpec(picture);
    expect(JSON.stringify(left.title)).toContain('Naive: residuals of a model without skill');
    for (const spec of [steps, left]) expect((await renderPicture(spec)).length).toBeGreaterThan(10_000);
    expect(stepErrorSpec({ ...report, validation: null, test: null }, 'Naive')).toBeNull();
  });
});

describe('autocorrelations', () => {
  it('are those computed by hand, with missing values left out', () => {
    // mean 0: products −1 −1 −1, and 1 1, over 4
    expect([...autocorrelations(Float64Array.of(1, -1, 1, -1), 2)]).toEqual([-0.75, 0.5]);
    expect([...autocorrelations(Float64Array.of(1, NaN, -1), 5)]).toEqual([0, -0.5]);
    expect([...autocorrelations(Float64Array.of(2, 2, 2), 2)]).toEqual([]);
  });
});
