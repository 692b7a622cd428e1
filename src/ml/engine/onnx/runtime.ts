import { createRequire } from 'node:module';
import { TrainyardError } from '../../../common/errors/index.js';

export type OnnxEngineName = 'onnx' | 'onnx-web';

export type TensorValues = Float32Array | Float64Array | Int32Array | BigInt64Array;

export interface RuntimeTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: TensorValues;
}

/** The part of ONNX Runtime's API that both of its packages share. */
interface Session {
  run(
    feeds: Readonly<Record<string, unknown>>,
    fetches: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, RuntimeTensor>>>;
  release(): Promise<void>;
}

interface Runtime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<Session>;
  };
  readonly Tensor: new (type: string, data: TensorValues, dims: readonly number[]) => RuntimeTensor;
}

/** A compiled graph, ready to run. */
export interface OnnxSession {
  readonly engine: OnnxEngineName;
  tensor(data: TensorValues, dims: readonly number[]): RuntimeTensor;
  /**
   * `fetches` names the outputs, each with a tensor to write into or null for a new one. No tensor may be fed and
   * written in one call.
   */
  run(
    feeds: Readonly<Record<string, RuntimeTensor>>,
    fetches: Readonly<Record<string, RuntimeTensor | null>>,
  ): Promise<Readonly<Record<string, RuntimeTensor>>>;
  release(): Promise<void>;
}

const PACKAGES: Readonly<Record<OnnxEngineName, string>> = { onnx: 'onnxruntime-node', 'onnx-web': 'onnxruntime-web' };
const loaded = new Map<OnnxEngineName, Promise<Runtime>>();

/** Loads ONNX Runtime; `ENGINE_UNAVAILABLE` where the package has no library for this platform. */
export function loadRuntime(engine: OnnxEngineName): Promise<Runtime> {
  let runtime = loaded.get(engine);
  if (!runtime) {
    runtime = load(engine).catch((cause: unknown) => {
      loaded.delete(engine);
      const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
      const remedy =
        engine === 'onnx'
          ? 'use the engine onnx-web, or auto, which takes it where the native library is missing'
          : 'reinstall onnxruntime-web';
      throw new TrainyardError(
        'ENGINE_UNAVAILABLE',
        `The engine ${engine} cannot run here: ${reason}; ${remedy}.`,
        { engine },
        { cause },
      );
    });
    loaded.set(engine, runtime);
  }
  return runtime;
}

/**
 * Both packages register a backend `cpu` in the onnxruntime-common that they share, and the first one stays, though the
 * other has the higher priority: after the web package, sessions of `onnx` would run in WebAssembly, and write into none
 * of the tensors they are given. So the native package comes first, where it can be had.
 */
async function load(engine: OnnxEngineName): Promise<Runtime> {
  if (engine === 'onnx-web') await loadRuntime('onnx').catch(() => null);
  // Required, not imported: the native package is CommonJS, and one copy of it must serve all threads of a process.
  const runtime = createRequire(import.meta.url)(PACKAGES[engine]) as Runtime & { readonly env?: WebEnvironment };
  // Its threads do nothing in Node but cost a start each.
  if (engine === 'onnx-web' && runtime.env) runtime.env.wasm.numThreads = 1;
  return runtime;
}

interface WebEnvironment {
  readonly wasm: { numThreads: number };
}

const TYPES = new Map<unknown, string>([
  [Float32Array, 'float32'],
  [Float64Array, 'float64'],
  [Int32Array, 'int32'],
  [BigInt64Array, 'int64'],
]);

/**
 * Compiles an ONNX model. One thread, because a training and an answer have a core each; two trainings of two threads
 * are slower than one of one. Sequential and without spinning threads, the result is the same bits on every run.
 */
export async function openSession(engine: OnnxEngineName, model: Uint8Array): Promise<OnnxSession> {
  const runtime = await loadRuntime(engine);
  const session = await runtime.InferenceSession.create(model, {
    executionProviders: [engine === 'onnx' ? 'cpu' : 'wasm'],
    graphOptimizationLevel: 'all',
    ...(engine === 'onnx' ? { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential' } : {}),
    logSeverityLevel: 3,
  });
  return {
    engine,
    tensor: (data, dims) => new runtime.Tensor(TYPES.get(data.constructor)!, data, dims),
    async run(feeds, fetches) {
      if (engine === 'onnx') return session.run(feeds, fetches);
      // The WebAssembly runtime does not write into the tensors it is given.
      const results = await session.run(
        feeds,
        Object.fromEntries(Object.keys(fetches).map((output) => [output, null])),
      );
      for (const [output, wanted] of Object.entries(fetches)) {
        if (wanted) (wanted.data as Float32Array).set(results[output]!.data as Float32Array);
      }
      return results;
    },
    release: () => session.release(),
  };
}
