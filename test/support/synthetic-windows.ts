import type { TrainingContext } from '#src/ml/algorithms/algorithm.js';
import type { WindowedData } from '#src/ml/windows/windowed-data.js';

/** Every row t whose window [t − lookBack + 1, t + horizon] lies in [start, end) and touches no NaN. */
function completeOrigins(
  columns: readonly Float64Array[],
  range: readonly [number, number],
  lookBack: number,
  horizon: number,
  stride: number,
  firstRow: number,
): Int32Array {
  const origins: number[] = [];
  const first = Math.max(range[0] - 1, firstRow + lookBack - 1);
  for (let origin = first; origin + horizon < range[1]; origin += stride) {
    let complete = true;
    for (const column of columns) {
      for (let row = origin - lookBack + 1; complete && row <= origin + horizon; row++) {
        complete = !Number.isNaN(column[row]);
      }
    }
    if (complete) origins.push(origin);
  }
  return Int32Array.from(origins);
}

export interface SyntheticOptions {
  readonly series: Readonly<Record<string, Float64Array>>;
  /** Names of further input columns, after the series. */
  readonly features?: Readonly<Record<string, Float64Array>>;
  readonly targets?: readonly string[];
  readonly lookBack: number;
  readonly horizon: number;
  readonly seasonLength?: number;
  readonly stride?: number;
  /** Shares of the rows; the rest is train. */
  readonly validation?: number;
  readonly test?: number;
}

/** Windowed data over given columns without any scaling: what the processing would hand to an algorithm. */
export function windowedData(options: SyntheticOptions): WindowedData {
  const names = [...Object.keys(options.series), ...Object.keys(options.features ?? {})];
  const columns = [...Object.values(options.series), ...Object.values(options.features ?? {})];
  const targets = options.targets ?? Object.keys(options.series);
  const rows = columns[0]!.length;
  const trainEnd = Math.floor(rows * (1 - (options.validation ?? 0.15) - (options.test ?? 0.15)));
  const validationEnd = Math.floor(rows * (1 - (options.test ?? 0.15)));
  const { lookBack, horizon } = options;
  const origins = (range: readonly [number, number], stride: number): Int32Array =>
    completeOrigins(columns, range, lookBack, horizon, stride, 0);
  return {
    times: Float64Array.from({ length: rows }, (_, row) => Date.UTC(2020, 0, 1) + row * 3_600_000),
    lookBack,
    horizon,
    seasonLength: options.seasonLength ?? 24,
    inputs: { names, columns },
    targets: {
      names: targets,
      columns: targets.map((target) => options.series[target]!.slice()),
      observed: targets.map(() => new Uint8Array(rows).fill(1)),
      inputs: targets.map((target) => names.indexOf(target)),
    },
    origins: {
      train: origins([0, trainEnd], options.stride ?? 1),
      validation: origins([trainEnd, validationEnd], 1),
      test: origins([validationEnd, rows], 1),
    },
  };
}

/** A small linear congruential generator: the tests' own noise, independent of the code under test. */
export function testNoise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** Two seasonal assets of period 12 with phase, slow cycle and noise: what a learner beats seasonal naive on. */
export function seasonalSeries(rows: number, seed = 1): Record<string, Float64Array> {
  const noise = testNoise(seed);
  const make = (phase: number, slow: number): Float64Array =>
    Float64Array.from(
      { length: rows },
      (_, t) => Math.sin((2 * Math.PI * (t + phase)) / 12) + 0.5 * Math.sin(t / slow) + 0.25 * noise(),
    );
  return { alpha: make(0, 17), beta: make(3, 23) };
}

export interface RecordedContext extends TrainingContext {
  readonly records: Parameters<TrainingContext['onEpoch']>[0][];
  readonly checkpoints: Parameters<TrainingContext['onCheckpoint']>[0][];
  readonly progress: Parameters<TrainingContext['onProgress']>[0][];
  readonly messages: string[];
}

/** A training context that records what it is told; time stands still unless `elapsedMs` is given. */
export function trainingContext(options: Partial<TrainingContext> = {}): RecordedContext {
  const records: RecordedContext['records'] = [];
  const checkpoints: RecordedContext['checkpoints'] = [];
  const progress: RecordedContext['progress'] = [];
  const messages: string[] = [];
  return {
    seed: 1,
    engine: 'auto',
    isCancelled: () => false,
    elapsedMs: () => 0,
    maxRuntimeMs: null,
    breathe: async () => {},
    onProgress: (update) => progress.push(update),
    onEpoch: (record) => records.push(record),
    onCheckpoint: (checkpoint) => checkpoints.push(checkpoint),
    checkpointEveryEpochs: 1,
    resumeFrom: null,
    log: (_level, message) => messages.push(message),
    ...options,
    records,
    checkpoints,
    progress,
    messages,
  };
}
