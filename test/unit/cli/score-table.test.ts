import { scoreTable } from '#src/cli/score-table.js';

const metrics = (mae: number) => ({
  ...{ count: 10, mse: mae * mae, mae, rmse: mae, smape: 12.34, mase: mae / 2 },
  ...{ rmsse: mae / 2, r2: 0.5, directionalAccuracy: null },
});
const scored = (mae: number) => ({ original: metrics(mae), scaled: metrics(mae) });
const compared = {
  model: scored(1),
  naive: scored(4),
  seasonalNaive: scored(2),
  skill: { naive: { mae: 0.75, rmse: 0.75 }, seasonalNaive: { mae: 0.5, rmse: 0.5 } },
};
const part = {
  ...compared,
  part: 'test' as const,
  windows: 33,
  from: '2024-01-01T00:00:00.000Z',
  to: '2024-02-01T00:00:00.000Z',
  hasSkill: true,
  significance: { naive: null, seasonalNaive: null },
  perAsset: [{ ...compared, asset: 'load', trainDeviation: 1 }],
  unscoredAssets: ['gas'],
  perStep: [],
};
const report = { format: 1 as const, lookBack: 8, horizon: 4, seasonLength: 24, validation: null, test: part };

describe('scoreTable', () => {
  it('shows the model beside both baselines, with its skill against the better one', () => {
    expect(scoreTable(report).split('\n')).toEqual([
      'part  asset  forecast          MAE   RMSE  sMAPE %   MASE  skill MAE  skill RMSE',
      '────────────────────────────────────────────────────────────────────────────────',
      'test  load   model           1.000  1.000     12.3  0.500     50.0 %      50.0 %',
      '             naive           4.000  4.000     12.3  2.000',
      '             seasonal naive  2.000  2.000     12.3  1.000',
      '────────────────────────────────────────────────────────────────────────────────',
      "Original units; horizon 4, season 24 rows. Skill = 1 − error / error of the baseline; the model's row is against the better baseline.",
      'test: 33 windows; the model beats both baselines; not observed: gas',
    ]);
  });

  it('has one line for a backtest', () => {
    const spread = { count: 4, mean: 1.25, standardDeviation: 0.5 };
    const overall = {
      ...compared,
      significance: { naive: null, seasonalNaive: null },
      hasSkill: true,
      perAsset: [],
      unscoredAssets: [],
      perStep: [],
      spread: {
        ...{ mae: spread, rmse: spread, smape: spread, mase: null, rmsse: null },
        skill: { naive: null, seasonalNaive: null },
      },
    };
    const skipped = [{ cutoff: part.from, code: 'WINDOWS_NONE', message: 'a gap' }];
    const backtest = { refit: true, step: 4, rollingRows: null, windows: [], skipped, overall };
    expect(
      scoreTable({ ...report, backtest })
        .split('\n')
        .at(-1),
    ).toBe(
      'backtest: 0 of 1 cut-offs, fitted anew at each; MAE 1.250 ± 0.5000, skill 50.0 % against the better baseline',
    );
    expect(
      scoreTable({ ...report, backtest: { ...backtest, overall: null } })
        .split('\n')
        .at(-1),
    ).toBe('backtest: 0 of 1 cut-offs, fitted anew at each; none was scored');
  });

  it('says so when there is no skill, and when there is nothing to score', () => {
    expect(scoreTable({ ...report, test: { ...part, hasSkill: false } })).toContain(
      'NO SKILL: a baseline is as good or better',
    );
    expect(scoreTable({ ...report, test: null })).toBe('no part has a scored window');
  });
});
