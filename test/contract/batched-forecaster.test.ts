import type { Forecaster } from '#src/ml/algorithms/algorithm.js';
import { getAlgorithm } from '#src/ml/algorithms/algorithms.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import type { InputMatrix } from '#src/ml/windows/windowed-data.js';
import { batchedForecaster } from '#src/inference/batched-forecaster.js';
import { seasonalSeries, trainingContext, windowedData } from '../support/synthetic-windows.js';

const LOOK_BACK = 14;
const HORIZON = 4;

/** Trained for a moment: it shall only be deterministic. */
async function trained(name: string, given: Record<string, unknown>): Promise<[Forecaster, InputMatrix, Int32Array]> {
  const data = windowedData({
    series: seasonalSeries(200),
    targets: ['alpha', 'beta'],
    lookBack: LOOK_BACK,
    horizon: HORIZON,
    seasonLength: 12,
  });
  const algorithm = getAlgorithm(name);
  const parameters = resolveParameters(algorithm.hyperparameters, { epochs: 1, ...given }, 'hyperparameters');
  const { model } = await algorithm.fit(data, parameters, trainingContext());
  return [await algorithm.restore(model), data.inputs, data.origins.test];
}

/** The rows of one window alone. */
function windowOf(inputs: InputMatrix, origin: number): InputMatrix {
  return { ...inputs, columns: inputs.columns.map((column) => column.slice(origin + 1 - LOOK_BACK, origin + 1)) };
}

describe('batchedForecaster', () => {
  it.each([
    ['lstm', { units: [6] }],
    ['gru', { units: [6], bidirectional: true }],
    ['mlp', { units: [8] }],
    ['tcn', { filters: 4, blocks: 2 }],
    ['lstm', { units: [6], loss: 'quantile' }],
    ['deepar', { layers: 1, cells: 6, samples: 20 }],
  ])('%s %j: what is asked for at once is what each alone gives, to the bit', async (name, given) => {
    const [alone, inputs, origins] = await trained(name, given);
    const together = batchedForecaster(alone, { lookBack: LOOK_BACK, horizon: HORIZON });
    const asked = [...origins.slice(0, 30)];
    const at = Int32Array.of(LOOK_BACK - 1);
    const expected = await Promise.all(asked.map((origin) => alone.forecast(windowOf(inputs, origin), at)));
    const given30 = await Promise.all(asked.map((origin) => together.forecast(windowOf(inputs, origin), at)));
    expect(given30).toEqual(expected);
    const all = await alone.forecast(inputs, Int32Array.from(asked));
    expect(Float64Array.from(given30.flatMap((one) => [...one]))).toEqual(all);
    if (alone.forecastQuantiles) {
      const levels = [0.1, 0.5, 0.9];
      const quantiles = await Promise.all(
        asked.map((origin) => together.forecastQuantiles!(windowOf(inputs, origin), at, levels)),
      );
      const ofAll = await alone.forecastQuantiles(inputs, Int32Array.from(asked), levels);
      expect(Float64Array.from(quantiles.flatMap((one) => [...one]))).toEqual(ofAll);
      const both = await Promise.all(
        asked.map((origin) => together.forecastWithQuantiles!(windowOf(inputs, origin), at, levels)),
      );
      expect(both.map(({ forecasts }) => forecasts)).toEqual(expected);
      expect(both.map((one) => one.quantiles)).toEqual(quantiles);
    }
    alone.dispose();
  });

  /** Gives the last value of each window and of each window's future; fails where a window ends in 13. */
  class Recording implements Forecaster {
    readonly runs: number[] = [];

    // As a property: the wrapper takes it from its object.
    readonly forecast = (inputs: InputMatrix, origins: Int32Array, future?: InputMatrix): Promise<Float64Array> => {
      this.runs.push(origins.length);
      const values = Float64Array.from(
        [...origins].flatMap((origin) => [inputs.columns[0]![origin]!, future?.columns[0]![origin + 1] ?? -1]),
      );
      return values.some((value, at) => at % 2 === 0 && value === 13)
        ? Promise.reject(new Error('thirteen'))
        : Promise.resolve(values);
    };

    dispose(): void {}
  }

  const matrix = (values: readonly number[]): InputMatrix => ({ names: ['a'], columns: [Float64Array.from(values)] });
  const ask = (forecaster: Forecaster, last: number, future?: number): Promise<Float64Array> =>
    forecaster.forecast(
      matrix([0, 0, last]),
      Int32Array.of(2),
      future === undefined ? undefined : matrix([0, 0, 0, future]),
    );

  it('gathers what comes in one turn, at most 64, and what comes during a run', async () => {
    const recording = new Recording();
    const together = batchedForecaster(recording, { lookBack: 2, horizon: 1 });
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => ask(together, 20 + n, n)));
    expect(answers.map(([last, future]) => [last, future])).toEqual(answers.map((_, n) => [20 + n, n]));
    expect(recording.runs).toEqual([64, 36]);
    expect([...(await ask(together, 5))]).toEqual([5, -1]);
    expect(recording.runs).toEqual([64, 36, 1]);
  });

  it('an error is that of the window at fault', async () => {
    const together = batchedForecaster(new Recording(), { lookBack: 2, horizon: 1 });
    const answers = await Promise.allSettled([12, 13, 14].map((last) => ask(together, last)));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(answers[1]).toMatchObject({ reason: { message: 'thirteen' } });
  });
});
