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

type Run = (inputs: InputMatrix, origins: Int32Array, future?: InputMatrix) => Promise<Float64Array>;

interface Waiting extends Call {
  resolve(values: Float64Array): void;
  reject(error: unknown): void;
}

/**
 * Calls for one window each answered by runs for several: those that come in one turn of the event loop, or while a run
 * is under way, make the next run. Nobody waits for company. What a window gets is the same alone and among others, which
 * `Forecaster` promises to the bit; so a run for several windows is one over their rows one after the other.
 */
export function batchedForecaster(forecaster: Forecaster, windows: Windows): Forecaster {
  const { forecast, forecastQuantiles, classProbabilities } = forecaster;
  const quantiles = new Map<string, Run>();
  return {
    ...forecaster,
    forecast: batched(windows, (inputs, origins, future) => forecast(inputs, origins, future)),
    ...(forecastQuantiles && {
      forecastQuantiles: (inputs, origins, levels, future) => {
        const key = levels.join();
        let run = quantiles.get(key);
        if (run === undefined) {
          run = batched(windows, (joined, at, ahead) => forecastQuantiles(joined, at, levels, ahead));
          quantiles.set(key, run);
        }
        return run(inputs, origins, future);
      },
    }),
    ...(classProbabilities && {
      classProbabilities: batched(windows, (inputs, origins, future) => classProbabilities(inputs, origins, future)),
    }),
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
      const values = await run(joined.inputs, joined.origins, joined.future);
      const each = values.length / calls.length;
      calls.forEach(({ resolve }, at) => resolve(values.slice(at * each, (at + 1) * each)));
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
