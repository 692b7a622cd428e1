import { scoreTable } from '#src/cli/score-table.js';
import type { ComparedForecasts, EvaluationReport, PartEvaluation } from '#src/ml/evaluation/evaluation-report.js';

function compared(mae: readonly [number, number, number], scale = 1): ComparedForecasts {
  const scored = (value: number) => {
    const metrics = (size: number) => ({
      count: 10,
      mse: (2 * value * size) ** 2,
      mae: value * size,
      rmse: 2 * value * size,
      smape: 1,
      mase: 1,
    });
    return { original: metrics(scale), scaled: metrics(1) };
  };
  const [model, naive, seasonalNaive] = mae;
  const skill = (baseline: number) => (baseline === 0 ? null : 1 - model / baseline);
  return {
    model: scored(model),
    naive: scored(naive),
    seasonalNaive: scored(seasonalNaive),
    skill: {
      naive: { mae: skill(naive), rmse: skill(naive) },
      seasonalNaive: { mae: skill(seasonalNaive), rmse: skill(seasonalNaive) },
    },
  };
}

const test: PartEvaluation = {
  part: 'test',
  windows: 2_785,
  from: '2024-01-01T00:00:00.000Z',
  to: '2024-04-30T23:00:00.000Z',
  ...compared([0.4, 0.5, 0.8]),
  hasSkill: true,
  perAsset: [
    { asset: 'SPX', trainDeviation: 100, ...compared([0.3, 0.5, 0.6], 100) },
    { asset: 'a much longer name', trainDeviation: 0.01, ...compared([0.5, 0.4, 0], 0.01) },
  ],
  unscoredAssets: ['GONE'],
  perStep: [],
};
const report: EvaluationReport = { format: 1, lookBack: 336, horizon: 96, seasonLength: 24, validation: null, test };

describe('scoreTable', () => {
  it('aligns model and baselines per asset and over all', () => {
    expect(scoreTable(report).split('\n')).toEqual([
      'Test part: 2,785 windows, horizon 96, season 24 rows, 2024-01-01 00:00 to 2024-04-30 23:00 UTC',
      '                                             MAE                         RMSE    skill on MAE against',
      'asset                   model    naive  seasonal     model    naive  seasonal         naive  seasonal',
      'SPX                      30.0     50.0      60.0      60.0      100       120          40 %      50 %',
      'a much longer name    0.00500  0.00400      0.00    0.0100  0.00800      0.00         −25 %         –',
      'all (scaled units)      0.400    0.500     0.800     0.800     1.00      1.60          20 %      50 %',
      'The model has skill: it beats both baselines.',
      'Not observed in this part: GONE.',
      '',
    ]);
  });

  it('has no row over all for one asset, a table for each part, and says so when there is no skill', () => {
    const alone = { ...test, perAsset: test.perAsset.slice(0, 1), unscoredAssets: [], hasSkill: false };
    const text = scoreTable({ ...report, validation: { ...alone, part: 'validation' }, test: alone });
    expect(text.split('\n').map((line) => line.split(/ {2}|:/)[0])).toEqual([
      'Validation part',
      '',
      'asset',
      'SPX',
      'The model has no skill',
      '',
      'Test part',
      '',
      'asset',
      'SPX',
      'The model has no skill',
      '',
    ]);
  });

  it('says that nothing was scored', () => {
    expect(scoreTable({ ...report, test: null })).toBe(
      'Nothing was scored: neither the validation nor the test part has an observed window.\n',
    );
  });
});
