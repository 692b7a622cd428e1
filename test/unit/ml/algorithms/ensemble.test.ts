import fc from 'fast-check';
import type { EnsembleMember, Forecaster, TrainingContext } from '#src/ml/algorithms/algorithm.js';
import { getAlgorithm } from '#src/ml/algorithms/algorithms.js';
import { lossOf } from '#src/ml/algorithms/ensemble/error-products.js';
import { baggedWeights, greedyWeights } from '#src/ml/algorithms/ensemble/greedy-weights.js';
import { createRandom } from '#src/ml/engine/random.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import type { WindowedData } from '#src/ml/windows/windowed-data.js';
import { ensembleOf } from '../../../support/ensemble-members.js';
import { testNoise, trainingContext, windowedData } from '../../../support/synthetic-windows.js';

const ensemble = getAlgorithm('ensemble');
const values = (given: Record<string, unknown> = {}) =>
  resolveParameters(ensemble.hyperparameters, { members: 'a, b', ...given }, 'algorithm.hyperparameters');

/** E = AᵀA / n of any errors: what `errorProducts` makes of forecasts. */
const anyErrors = fc
  .record({ members: fc.integer({ min: 1, max: 7 }), rows: fc.integer({ min: 1, max: 12 }) })
  .chain(({ members, rows }) =>
    fc.array(fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: rows, maxLength: rows }), {
      minLength: members,
      maxLength: members,
    }),
  );

function productsOf(errors: readonly (readonly number[])[]): Float64Array {
  return Float64Array.from(
    errors.flatMap((one) => errors.map((other) => one.reduce((sum, e, at) => sum + e * other[at]!, 0) / one.length)),
  );
}

const all = (products: Float64Array): number[] => Array.from({ length: Math.sqrt(products.length) }, (_, at) => at);

describe('greedy selection', () => {
  it('never errs more than the best member, and its weights are shares that sum to 1', () => {
    fc.assert(
      fc.property(anyErrors, fc.integer({ min: 1, max: 30 }), (errors, rounds) => {
        const products = productsOf(errors);
        const { weights, loss, rounds: kept } = greedyWeights(products, all(products), rounds);
        const best = Math.min(...errors.map((_, at) => products[at * errors.length + at]!));
        expect(loss).toBeLessThanOrEqual(best);
        expect(loss).toBe(lossOf({ products }, weights));
        expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
        for (const weight of weights) expect(Math.abs(weight * kept - Math.round(weight * kept))).toBeLessThan(1e-9);
      }),
    );
  });

  it('takes in each round what a search over all members takes, by the errors themselves', () => {
    const noise = testNoise(3);
    const errors = Array.from({ length: 5 }, () => Array.from({ length: 40 }, () => noise()));
    const products = productsOf(errors);
    const taken: number[] = [];
    let [bestLoss, bestCount] = [Infinity, 0];
    const lossAfter = (members: readonly number[]): number =>
      errors[0]!.reduce((sum, _, at) => {
        const mean = members.reduce((total, member) => total + errors[member]![at]!, 0) / members.length;
        return sum + mean * mean;
      }, 0) / errors[0]!.length;
    for (let round = 1; round <= 25; round++) {
      const next = all(products).reduce((best, member) =>
        lossAfter([...taken, member]) < lossAfter([...taken, best]) ? member : best,
      );
      taken.push(next);
      const loss = lossAfter(taken);
      if (loss < bestLoss) [bestLoss, bestCount] = [loss, round];
    }
    const { weights, loss, rounds } = greedyWeights(products, all(products), 25);
    expect(rounds).toBe(bestCount);
    expect(loss).toBeCloseTo(bestLoss, 12);
    const counts = all(products).map((member) => taken.slice(0, bestCount).filter((one) => one === member).length);
    expect([...weights.map((weight) => weight * bestCount)].map(Math.round)).toEqual(counts);
  });

  it('with bags never errs more than the best member either, and depends on the seed alone', () => {
    fc.assert(
      fc.property(anyErrors, fc.integer({ min: 1, max: 9 }), fc.nat(1000), (errors, bags, seed) => {
        const products = productsOf(errors);
        const made = () => baggedWeights(products, 20, { bags, share: 0.5 }, createRandom(seed, 4));
        const { loss, weights } = made();
        expect(loss).toBeLessThanOrEqual(Math.min(...errors.map((_, at) => products[at * errors.length + at]!)));
        expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
        expect(made()).toEqual({ loss, weights, rounds: made().rounds, isComplete: true, isBagged: made().isBagged });
      }),
    );
  });
});

/**
 * Two noisy signals are inputs, and the target of the next row is a known mixture of them. Each member knows one signal:
 * a ridge that was trained to forecast it.
 */
async function mixture(
  share: number,
): Promise<{ data: WindowedData; context: NonNullable<TrainingContext['ensemble']> }> {
  const rows = 900;
  const noise = testNoise(11);
  const wave = (period: number) => Float64Array.from({ length: rows }, (_, t) => Math.sin((2 * Math.PI * t) / period));
  const [one, other] = [wave(17), wave(29)];
  const mixed = one.map((value, t) => share * value + (1 - share) * other[t]! + 0.02 * noise());
  const signals = { one, other };
  const shape = { lookBack: 6, horizon: 2, seasonLength: 17 };
  const members: EnsembleMember[] = [];
  for (const name of ['one', 'other']) {
    const { members: trained } = await ensembleOf(windowedData({ series: signals, targets: [name], ...shape }), [
      'ridge',
    ]);
    // Among the columns of the mixture the signals stand behind the target.
    members.push({ ...trained[0]!, name, inputs: [1, 2] });
  }
  const data = windowedData({ series: { target: mixed, ...signals }, targets: ['target'], ...shape });
  return { data, context: { targets: [{ transform: 'none', state: {} }], members } };
}

async function validationError(data: WindowedData, forecaster: Forecaster): Promise<number> {
  const origins = data.origins.validation;
  const forecasts = await forecaster.forecast(data.inputs, origins);
  let [at, sum] = [0, 0];
  for (const origin of origins) {
    for (let step = 1; step <= data.horizon; step++) {
      for (const column of data.targets.columns) sum += (forecasts[at++]! - column[origin + step]!) ** 2;
    }
  }
  return sum / at;
}

describe('ensemble', () => {
  it.each([0.25, 0.6, 0.9])('recovers a mixture of %d from its parts', async (share) => {
    const { data, context } = await mixture(share);
    const { model, validationLoss } = await ensemble.fit(data, values(), trainingContext({ ensemble: context }));
    const weights = model.ensemble!.members.map(({ weight }) => weight);
    expect(Math.abs(weights[0]! - share)).toBeLessThan(0.02);
    expect(weights[0]! + weights[1]!).toBeCloseTo(1, 12);
    expect(validationLoss).toBeLessThan(0.001);
    const forecaster = await ensemble.restore(model);
    expect(await validationError(data, forecaster)).toBeCloseTo(validationLoss!, 12);
    const losses = model.facts['losses'] as number[];
    expect(validationLoss).toBeLessThan(0.05 * Math.min(...losses));
    forecaster.dispose();
  });

  it('errs on validation as its best member does where no other helps, with its forecasts bit for bit', async () => {
    const { data, context } = await mixture(1);
    const { model, validationLoss } = await ensemble.fit(data, values(), trainingContext({ ensemble: context }));
    expect(model.ensemble!.members.map(({ weight }) => weight)).toEqual([1, 0]);
    expect(validationLoss).toBe((model.facts['losses'] as number[])[0]);
    const [combined, alone] = [
      await ensemble.restore(model),
      await getAlgorithm('ridge').restore(context.members[0]!.model),
    ];
    const forecasts = await combined.forecast(data.inputs, data.origins.test);
    const signals = { names: data.inputs.names.slice(1), columns: data.inputs.columns.slice(1) };
    expect(forecasts).toEqual(await alone.forecast(signals, data.origins.test));
  });

  it('counts all members alike with the method mean, also without a validation part', async () => {
    const { data, context } = await mixture(0.5);
    const blind = { ...data, origins: { ...data.origins, validation: new Int32Array(0) } };
    const outcome = await ensemble.fit(blind, values({ method: 'mean' }), trainingContext({ ensemble: context }));
    expect(outcome.model.ensemble!.members.map(({ weight }) => weight)).toEqual([0.5, 0.5]);
    expect(outcome).toMatchObject({ validationLoss: null, stopReason: 'completed', engine: 'none' });
    await expect(ensemble.fit(blind, values(), trainingContext({ ensemble: context }))).rejects.toMatchObject({
      code: 'WINDOWS_NONE',
      message: expect.stringContaining('set algorithm.hyperparameters.method to mean') as string,
    });
  });

  it('counts observed rows only', async () => {
    const { data, context } = await mixture(0.6);
    const from = data.origins.validation[40]! + 1;
    const to = data.origins.validation[60]! + 1;
    const spoilt = data.targets.columns.map((column) =>
      column.map((value, row) => (row >= from && row < to ? 50 : value)),
    );
    const observed = data.targets.observed.map((column) =>
      column.map((value, row) => (row >= from && row < to ? 0 : value)),
    );
    const gappy = { ...data, targets: { ...data.targets, columns: spoilt, observed } };
    const { model, validationLoss } = await ensemble.fit(gappy, values(), trainingContext({ ensemble: context }));
    expect(Math.abs(model.ensemble!.members[0]!.weight - 0.6)).toBeLessThan(0.03);
    expect(validationLoss).toBeLessThan(0.001);
  });

  it('with bags gives the same bytes for the same seed, and asks for members', async () => {
    const { data, context } = await mixture(0.6);
    const fit = (seed: number) => ensemble.fit(data, values({ bags: 5 }), trainingContext({ ensemble: context, seed }));
    expect((await fit(3)).model).toEqual((await fit(3)).model);
    await expect(ensemble.fit(data, values(), trainingContext())).rejects.toMatchObject({
      code: 'PARAMETER_INVALID',
      message: 'An ensemble combines finished executions: name at least two in algorithm.hyperparameters.members',
    });
  });

  it('names the member whose forecast is no number', async () => {
    const { data, context } = await mixture(0.6);
    const broken = context.members.map((member, at) => ({
      ...member,
      targets: [{ at: 0, chain: at === 1 ? { transform: 'log', state: {} } : member.targets[0]!.chain }],
    }));
    const huge = broken.map((member) => ({
      ...member,
      targets: [{ ...member.targets[0]!, chain: { transform: 'standard', state: { mean: 0, deviation: Infinity } } }],
    }));
    await expect(
      ensemble.fit(data, values(), trainingContext({ ensemble: { ...context, members: huge } })),
    ).rejects.toMatchObject({
      code: 'FORECAST_NOT_FINITE',
      message: expect.stringMatching(/^one forecasts/) as string,
    });
  });
});
