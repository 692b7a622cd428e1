import { TrainyardError } from '../../../common/errors/index.js';
import { openSession, type OnnxEngineName, type OnnxSession } from './runtime.js';

/** How an ONNX file of somebody else is called. */
export interface FileCall {
  readonly input: string;
  readonly inputType: 'float32' | 'float64';
  /** Without the batch. */
  readonly inputShape: readonly number[];
  readonly output: string;
  /** Rows that the file computes at once; null: any number. */
  readonly batch: number | null;
}

/** An ONNX file, ready to compute. */
export interface FileSession {
  /** Outputs [rows, …], row-major, of inputs [rows, …inputShape]. */
  predict(inputs: Float64Array, rows: number): Promise<Float64Array>;
  dispose(): void;
}

/**
 * Opens an ONNX file. Each row is computed by itself: what a file does along its batch axis is its own business, and
 * windows beside each other share rows that come later. A file of a fixed batch gets the row as often as it wants.
 * `MODEL_FILE_UNREADABLE` with what the runtime says, when it opens or when it computes.
 */
export async function openFileSession(engine: OnnxEngineName, file: Uint8Array, call: FileCall): Promise<FileSession> {
  const { input, inputType, inputShape, output, batch } = call;
  const session = await openSession(engine, file).catch((cause: unknown) => {
    throw refused('opened', engine, cause);
  });
  const size = inputShape.reduce((product, extent) => product * extent, 1);
  const copies = batch ?? 1;
  const dims = [copies, ...inputShape];

  async function predictRow(row: Float64Array): Promise<ArrayLike<number>> {
    const filled = inputType === 'float32' ? new Float32Array(copies * size) : new Float64Array(copies * size);
    for (let copy = 0; copy < copies; copy++) filled.set(row, copy * size);
    const values = await valuesOf(session, filled);
    return values.length % copies === 0 ? values.subarray(0, values.length / copies) : values;
  }

  async function valuesOf(
    open: OnnxSession,
    filled: Float32Array | Float64Array,
  ): Promise<Float32Array | Float64Array> {
    const results = await open
      .run({ [input]: open.tensor(filled, dims) }, { [output]: null })
      .catch((cause: unknown) => {
        throw refused('run', engine, cause);
      });
    return results[output]!.data as Float32Array | Float64Array;
  }

  return {
    async predict(inputs, rows) {
      const made: ArrayLike<number>[] = [];
      for (let row = 0; row < rows; row++) made.push(await predictRow(inputs.subarray(row * size, (row + 1) * size)));
      const width = made[0]?.length ?? 0;
      const outputs = new Float64Array(rows * width);
      made.forEach((values, row) => outputs.set(values, row * width));
      return outputs;
    },
    dispose: () => void session.release(),
  };
}

function refused(what: string, engine: OnnxEngineName, cause: unknown): TrainyardError {
  const said = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]!.slice(0, 300);
  return new TrainyardError(
    'MODEL_FILE_UNREADABLE',
    `The ONNX file cannot be ${what} by the engine ${engine}: ${said}`,
    { reason: said, engine },
    { cause },
  );
}
