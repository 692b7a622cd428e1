import type { ColumnImportance, ImportanceReport } from '#src/ml/explain/feature-importance.js';
import { importanceSpec } from '#src/ml/plots/importance-spec.js';

const column = (name: string, assetClass: string | null, step: string, importance: number): ColumnImportance => ({
  column: name,
  asset: assetClass === null && step === 'calendar' ? null : name.split('_')[0]!,
  assetClass,
  step,
  importance,
  deviation: 0.01,
});

const reportOf = (columns: readonly ColumnImportance[]): ImportanceReport => ({
  format: 1,
  method: 'permutation',
  part: 'validation',
  windows: 120,
  repeats: 3,
  loss: 1,
  columns,
  selection: null,
});

const COLUMNS = [
  column('EUR', 'FX', 'series', 0.5),
  column('DAX_RSI', 'Index', 'rsi', 0.25),
  column('DAX', 'Index', 'series', 0.125),
  column('hour_sin', null, 'calendar', 0.0625),
  column('X', null, 'series', -0.1),
];

describe('importanceSpec', () => {
  it('sums by feature step, columns of no use counting nothing', () => {
    const spec = JSON.stringify(importanceSpec(reportOf(COLUMNS), 'Ridge'));
    expect(spec).toContain('{"name":"series (3)","value":62.5,"low":62.5,"high":62.5}');
    expect(spec).toContain('{"name":"rsi (1)","value":25,"low":25,"high":25}');
    expect(spec).toContain('{"name":"calendar (1)","value":6.25,"low":6.25,"high":6.25}');
  });

  it('sums by asset class where there are several, largest first', () => {
    const spec = JSON.stringify(importanceSpec(reportOf(COLUMNS), 'Ridge'));
    expect(spec).toContain('All columns, and by feature step and by asset class');
    const sums = /"values":(\[\{"name":"FX[^\]]*\])/.exec(spec)![1]!;
    expect(JSON.parse(sums)).toEqual([
      { name: 'FX (1)', value: 50, low: 50, high: 50 },
      { name: 'Index (2)', value: 37.5, low: 37.5, high: 37.5 },
      { name: 'no asset (1)', value: 6.25, low: 6.25, high: 6.25 },
      { name: 'no class (1)', value: 0, low: 0, high: 0 },
    ]);
  });

  it('says nothing of classes where there are none, or one', () => {
    const ofOne = COLUMNS.filter(({ assetClass }) => assetClass !== 'Index');
    const spec = importanceSpec(reportOf(ofOne), 'Ridge');
    expect(JSON.stringify(spec)).not.toContain('asset class');
    expect((spec as { vconcat: unknown[] }).vconcat).toHaveLength(2);
  });
});
