import { ridge } from '#src/ml/algorithms/ridge.js';
import { permutationImportance } from '#src/ml/explain/permutation-importance.js';
import { selectColumns } from '#src/ml/explain/select-columns.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import type { WindowedData } from '#src/ml/windows/windowed-data.js';
import { seededUniform } from '../../../support/series.js';
import { trainingContext, windowedData } from '../../../support/synthetic-windows.js';

const UNWATCHED = { isCancelled: () => false, breathe: async () => {} };

/** y follows what `driver` was one row before; `noise` columns know nothing; `twin` says the same as the driver. */
function drivenSeries(rows: number, extra: 'noise' | 'twin'): WindowedData {
  const uniform = seededUniform(3);
  const draw = (): Float64Array => Float64Array.from({ length: rows }, () => uniform() * 2 - 1);
  const driver = draw();
  const series = Float64Array.from({ length: rows }, (_, row) =>
    row === 0 ? 0 : driver[row - 1]! + 0.1 * (uniform() - 0.5),
  );
  const features: Record<string, Float64Array> =
    extra === 'twin' ? { driver, twin: driver.slice(), noise: draw() } : { driver, noise: draw(), idle: draw() };
  const data = windowedData({ series: { y: series }, features, lookBack: 4, horizon: 1 });
  return { ...data, inputs: { ...data.inputs, assets: data.inputs.names.map(() => 'y') } };
}

describe('permutation importance', () => {
  const data = drivenSeries(1_200, 'noise');

  async function importances(seed = 1) {
    const { model } = await ridge.fit(data, resolveParameters(ridge.hyperparameters, {}, 'x'), trainingContext());
    const forecaster = await ridge.restore(model);
    return permutationImportance(data, forecaster, seed, UNWATCHED);
  }

  it('is large for the column that drives the target and about 0 for those that know nothing', async () => {
    const report = (await importances())!;
    const byName = Object.fromEntries(data.inputs.names.map((name, at) => [name, report.columns[at]!.importance]));
    expect(report.windows).toBeGreaterThan(100);
    expect(byName['driver']!).toBeGreaterThan(5);
    expect(Math.abs(byName['noise']!)).toBeLessThan(0.2);
    expect(Math.abs(byName['idle']!)).toBeLessThan(0.2);
  });

  it('is the same for the same seed', async () => {
    expect(await importances(5)).toEqual(await importances(5));
  });

  it('looks at the validation part only', async () => {
    const { model } = await ridge.fit(data, resolveParameters(ridge.hyperparameters, {}, 'x'), trainingContext());
    const lastValidation = data.origins.validation[data.origins.validation.length - 1]!;
    const blinded: WindowedData = {
      ...data,
      inputs: {
        ...data.inputs,
        columns: data.inputs.columns.map((column) =>
          column.map((value, row) => (row > lastValidation + data.horizon ? NaN : value)),
        ),
      },
    };
    const one = await permutationImportance(data, await ridge.restore(model), 1, UNWATCHED);
    const other = await permutationImportance(blinded, await ridge.restore(model), 1, UNWATCHED);
    expect(other).toEqual(one);
  });

  it('ends when it is cancelled', async () => {
    const { model } = await ridge.fit(data, resolveParameters(ridge.hyperparameters, {}, 'x'), trainingContext());
    const cancelled = { ...UNWATCHED, isCancelled: () => true };
    await expect(permutationImportance(data, await ridge.restore(model), 1, cancelled)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it('is null for a part without windows', async () => {
    const { model } = await ridge.fit(data, resolveParameters(ridge.hyperparameters, {}, 'x'), trainingContext());
    const empty = { ...data, origins: { ...data.origins, validation: new Int32Array(0) } };
    expect(await permutationImportance(empty, await ridge.restore(model), 1, UNWATCHED)).toBeNull();
  });
});

describe('the selection of columns', () => {
  const options = { tolerance: 0.01, seed: 1 };
  const own = new Set([0]);

  it('drops what knows nothing and keeps what drives the target', async () => {
    const data = drivenSeries(2_000, 'noise');
    const selection = (await selectColumns(data, own, options, UNWATCHED))!;
    const names = selection.kept.map((at) => data.inputs.names[at]);
    expect(names).toContain('driver');
    expect(names.length).toBeLessThan(4);
    expect(selection.lossOfKept).toBeLessThanOrEqual(selection.lossOfAll * 1.01);
    expect(selection.lossOfAll).toBeLessThan(0.6);
  });

  it('keeps one of two columns that say the same, though neither is missed while the other is there', async () => {
    const data = drivenSeries(2_000, 'twin');
    const { kept } = (await selectColumns(data, own, options, UNWATCHED))!;
    const names = kept.map((at) => data.inputs.names[at]);
    expect(names.includes('driver') || names.includes('twin')).toBe(true);
  });

  it('never drops the fixed columns and decides without the test part', async () => {
    const data = drivenSeries(2_000, 'noise');
    const testStart = data.origins.test[0]! + 1;
    const spoilt: WindowedData = {
      ...data,
      inputs: { ...data.inputs, columns: data.inputs.columns.map((column) => column.slice().fill(NaN, testStart)) },
      targets: { ...data.targets, columns: data.targets.columns.map((column) => column.slice().fill(7, testStart)) },
    };
    const selection = await selectColumns(data, own, options, UNWATCHED);
    expect(selection!.kept).toContain(0);
    expect(await selectColumns(spoilt, own, options, UNWATCHED)).toEqual(selection);
  });

  it('is null where there is too little to learn from', async () => {
    expect(await selectColumns(drivenSeries(80, 'noise'), own, options, UNWATCHED)).toBeNull();
  });
});
