import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Forecaster } from '../ml/algorithms/algorithm.js';
import type { InputMatrix } from '../ml/windows/windowed-data.js';

/** Forecasts in one run at most: bounds the time in which nothing else can happen. */
const MAXIMUM_WINDOWS = 64;

interface Windows {
  readonly lookBack: number;
  readonly horizon: number;
}

interface Call {
  readonly inputs: InputMatrix;
  readonly origins: Int32Array;
  readonly future: InputMatrix | undefined;
}

/** Several results of the same windows, each with the origins first. */
type Results = readonly Float64Array[];

type Run = (inputs: InputMatrix, origins: Int32Array, future?: InputMatrix) => Promise<Results>;

interface Waiting extends Call {
  resolve(results: Results): void;
  reject(error: unknown): void;
}

/**
 * Calls for one window each answered by runs for several: those that come in one turn of the event loop, or while a run
 * is under way, make the next run. Nobody waits for company. What a window gets is the same alone and among others, which
 * `Forecaster` promises to the bit; so a run for several windows is one over their rows one after the other.
 */
export function batchedForecaster(forecaster: Forecaster, windows: Windows): Forecaster {
  const { forecast, forecastQuantiles, forecastWithQuantiles, classProbabilities } = forecaster;
  const points = batched(windows, async (...window) => [await forecast(...window)]);
  const quantiles = byLevels(windows, async (levels, inputs, origins, future) => [
    await forecastQuantiles!(inputs, origins, levels, future),
  ]);
  const both = byLevels(windows, async (levels, inputs, origins, future) => {
    const made = await forecastWithQuantiles!(inputs, origins, levels, future);
    return [made.forecasts, made.quantiles];
  });
  const classes = batched(windows, async (...window) => [await classProbabilities!(...window)]);
  return {
    ...forecaster,
    forecast: async (...window) => (await points(...window))[0]!,
    ...(forecastQuantiles && {
      forecastQuantiles: async (inputs, origins, levels, future) =>
        (await quantiles(levels)(inputs, origins, future))[0]!,
    }),
    ...(forecastWithQuantiles && {
      forecastWithQuantiles: async (inputs, origins, levels, future) => {
        const [forecasts, ends] = await both(levels)(inputs, origins, future);
        return { forecasts: forecasts!, quantiles: ends! };
      },
    }),
    ...(classProbabilities && { classProbabilities: async (...window) => (await classes(...window))[0]! }),
  };
}

/** Only calls for the same levels can be answered together. */
function byLevels(
  windows: Windows,
  run: (levels: readonly number[], ...window: Parameters<Run>) => Promise<Results>,
): (levels: readonly number[]) => Run {
  const runs = new Map<string, Run>();
  return (levels) => {
    const key = levels.join();
    const known = runs.get(key) ?? batched(windows, (...window) => run(levels, ...window));
    runs.set(key, known);
    return known;
  };
}

function batched(windows: Windows, run: Run): Run {
  let waiting: Waiting[] = [];
  let isRunning = false;

  async function drain(): Promise<void> {
    isRunning = true;
    await nextTurn();
    while (waiting.length > 0) {
      const calls = waiting.slice(0, MAXIMUM_WINDOWS);
      waiting = waiting.slice(MAXIMUM_WINDOWS);
      await answer(calls);
    }
    isRunning = false;
  }

  async function answer(calls: readonly Waiting[]): Promise<void> {
    try {
      const [first] = calls;
      if (first === undefined) return;
      if (calls.length === 1) {
        first.resolve(await run(first.inputs, first.origins, first.future));
        return;
      }
      const joined = joinWindows(calls, windows);
      const results = await run(joined.inputs, joined.origins, joined.future);
      calls.forEach(({ resolve }, at) =>
        resolve(
          results.map((values) => {
            const each = values.length / calls.length;
            return values.slice(at * each, (at + 1) * each);
          }),
        ),
      );
    } catch (error) {
      if (calls.length === 1) calls[0]!.reject(error);
      // One of them is at fault: the others shall not suffer for it.
      else for (const call of calls) await answer([call]);
    }
  }

  return (inputs, origins, future) => {
    // Several origins are a batch already.
    if (origins.length !== 1) return run(inputs, origins, future);
    return new Promise((resolve, reject) => {
      waiting.push({ inputs, origins, future, resolve, reject });
      if (!isRunning) void drain();
    });
  };
}

/** The windows of the calls one after the other, each followed by the rows of its forecast. */
function joinWindows(calls: readonly Call[], { lookBack, horizon }: Windows): Call {
  const rows = lookBack + horizon;
  const gather = (matrices: readonly InputMatrix[], length: number): InputMatrix => {
    const [first] = matrices as readonly [InputMatrix];
    const columns = first.columns.map((_, column) => {
      const values = new Float64Array(calls.length * rows).fill(NaN);
      calls.forEach(({ origins }, at) => {
        const begin = origins[0]! - lookBack + 1;
        values.set(matrices[at]!.columns[column]!.subarray(begin, begin + length), at * rows);
      });
      return values;
    });
    return { ...first, columns };
  };
  const futures = calls.map(({ future }) => future).filter((future) => future !== undefined);
  return {
    inputs: gather(
      calls.map(({ inputs }) => inputs),
      lookBack,
    ),
    origins: Int32Array.from(calls, (_, at) => at * rows + lookBack - 1),
    future: futures.length === calls.length && futures.length > 0 ? gather(futures, rows) : undefined,
  };
}
