import { TrainyardError } from '../../../common/errors/index.js';
import { openEngine, fastestEngine, type EngineChoice } from '../../engine/open-engine.js';
import { openFileSession } from '../../engine/onnx/file-session.js';
import { networkWeightsOf } from '../../export/network-weights.js';
import type { InputMatrix } from '../../windows/windowed-data.js';
import type { Forecaster, ModelState } from '../algorithm.js';
import { readImportedUse, type ImportedPart, type ImportedUse } from './imported-facts.js';

/** Windows gathered at once: bounds memory. */
const ORIGINS_AT_ONCE = 512;

/** The file's network on an engine: inputs [rows, …inputShape] to outputs [rows, …], row-major. */
interface ImportedNetwork {
  readonly engine: string;
  predict(inputs: Float64Array, rows: number): Promise<ArrayLike<number>>;
  dispose(): void;
}

/** An imported model, and what it runs on. */
export interface ImportedForecaster extends Forecaster {
  readonly engine: string;
}

/**
 * Windows in the file's units and order, one call for each window (and target, where the file reads one at a time),
 * forecasts back in scaled units. `FORECAST_NOT_FINITE` for a number that is none; `MODEL_FILE_MISMATCH` when the file
 * makes more or fewer numbers than a forecast has.
 */
export async function restoreImported(state: ModelState, choice: EngineChoice = 'auto'): Promise<ImportedForecaster> {
  const use = readImportedUse(state);
  const network = await openNetwork(state, use, choice);
  const { horizon, targets, lookBack } = state;
  const { layout, parts, outputs } = use;
  const made = horizon * (layout.columns === 'all' ? targets.length : 1);
  const size = lookBack * parts[0]!.columns.length;

  /** Puts the outputs of one part for one origin into [horizon, targets]. */
  function place(values: ArrayLike<number>, from: number, part: number, into: Float64Array, at: number): void {
    const own = parts.length === 1 && layout.columns === 'all' ? targets.length : 1;
    for (let step = 0; step < horizon; step++) {
      for (let k = 0; k < own; k++) {
        const target = own === 1 ? part : k;
        const value = values[from + (layout.outputOrder === 'steps-targets' ? step * own + k : k * horizon + step)]!;
        if (!Number.isFinite(value)) throw notFinite(value, targets[target]!, step + 1);
        const range = outputs.ranges[target]!;
        // As a scaler maps a column that never varied.
        into[at + step * targets.length + target] = range === 0 ? 0 : (value - outputs.offsets[target]!) / range;
      }
    }
  }

  return {
    engine: network.engine,
    async forecast(inputs, origins) {
      const forecasts = new Float64Array(origins.length * horizon * targets.length);
      for (let from = 0; from < origins.length; from += ORIGINS_AT_ONCE) {
        const block = origins.subarray(from, from + ORIGINS_AT_ONCE);
        for (const [p, part] of parts.entries()) {
          const windows = new Float64Array(block.length * size);
          block.forEach((origin, n) => gather(inputs, part, layout.inputOrder, origin, lookBack, windows, n * size));
          const values = await network.predict(windows, block.length);
          if (values.length !== block.length * made) throw misfit(values.length / block.length, made);
          block.forEach((_, n) => place(values, n * made, p, forecasts, (from + n) * horizon * targets.length));
        }
      }
      return forecasts;
    },
    dispose: () => network.dispose(),
  };
}

async function openNetwork(
  state: ModelState,
  { call, layout }: ImportedUse,
  choice: EngineChoice,
): Promise<ImportedNetwork> {
  if (state.network !== undefined) {
    const engine = await openEngine(choice);
    const runner = await engine.open(state.network, networkWeightsOf(state), null);
    return {
      engine: engine.name,
      predict: (inputs, rows) => runner.predict([Float32Array.from(inputs)], rows),
      dispose: () => void runner.dispose(),
    };
  }
  if (state.onnx === undefined || call === null) throw new Error('an imported state has a network or an ONNX file');
  if (choice === 'tfjs-node' || choice === 'tfjs-wasm') {
    throw new TrainyardError(
      'ENGINE_UNAVAILABLE',
      `The engine ${choice} does not run ONNX files: set training.engine to onnx, onnx-web or auto`,
      { engine: choice, lacks: 'ONNX files' },
    );
  }
  const engine = choice === 'auto' ? await fastestEngine() : choice;
  const session = await openFileSession(engine, state.onnx, { ...call, inputShape: layout.inputShape });
  return { engine, predict: session.predict, dispose: session.dispose };
}

function gather(
  inputs: InputMatrix,
  { columns, offsets, ranges }: ImportedPart,
  order: ImportedUse['layout']['inputOrder'],
  origin: number,
  lookBack: number,
  into: Float64Array,
  at: number,
): void {
  const width = columns.length;
  const [rowStride, columnStride] = order === 'rows-columns' ? [width, 1] : [1, lookBack];
  columns.forEach((position, c) => {
    const column = inputs.columns[position];
    if (!column) {
      throw new TrainyardError('WINDOW_INVALID', `There is no input column ${position + 1} of ${inputs.names.length}.`);
    }
    const [offset, range] = [offsets[c]!, ranges[c]!];
    for (let row = 0; row < lookBack; row++) {
      into[at + row * rowStride + c * columnStride] = column[origin - lookBack + 1 + row]! * range + offset;
    }
  });
}

function notFinite(value: number, asset: string, step: number): TrainyardError {
  return new TrainyardError(
    'FORECAST_NOT_FINITE',
    `The imported model forecasts ${value} for ${asset}, step ${step}: check algorithm.hyperparameters.inputUnits, and the file with a window of these data`,
    { asset, step, value: String(value) },
  );
}

function misfit(found: number, expected: number): TrainyardError {
  return new TrainyardError(
    'MODEL_FILE_MISMATCH',
    `The file makes ${found} numbers of a window, and a forecast has ${expected}: set windows.horizon and data.targets as the file was trained with`,
    { found, expected },
  );
}
