import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { TrainyardError } from '../../../common/errors/index.js';
import { loadWithoutProcessListeners } from '../quiet-load.js';

export type TfjsEngineName = 'tfjs-node' | 'tfjs-wasm';

const BACKENDS: Readonly<Record<TfjsEngineName, string>> = { 'tfjs-wasm': 'wasm', 'tfjs-node': 'tensorflow' };
const opening = new Map<TfjsEngineName, Promise<void>>();

/**
 * Makes sure that a TensorFlow.js backend runs in this thread; `ENGINE_UNAVAILABLE` when it does not. Left to itself
 * TensorFlow.js would go on with its pure-JavaScript backend, ten times slower and with other bits: never silently.
 */
export function openBackend(engine: TfjsEngineName): Promise<void> {
  let open = opening.get(engine);
  if (!open) {
    open = loadWithoutProcessListeners(engine === 'tfjs-node' ? loadNative : loadWasm).catch((cause: unknown) => {
      opening.delete(engine);
      if (cause instanceof TrainyardError) throw cause;
      throw unavailable(engine, cause instanceof Error ? cause.message : String(cause), cause);
    });
    opening.set(engine, open);
  }
  return open;
}

/**
 * Runs `work` on the backend of `engine`, which `openBackend` has opened, and frees every tensor it leaves behind.
 * Both backends may be open in one thread; `work` is synchronous, so none is switched under another's feet.
 */
export function onBackend<Result>(engine: TfjsEngineName, work: () => Result): Result {
  const backend = BACKENDS[engine];
  // Of an initialised backend, setBackend has switched by the time it returns its promise.
  if (tf.getBackend() !== backend) void tf.setBackend(backend);
  if (tf.getBackend() !== backend) throw unavailable(engine, `TensorFlow.js stays on ${tf.getBackend()}`);
  let result: { readonly value: Result } | null = null;
  // Kept out of tidy's return value, which it would search for tensors element by element.
  tf.tidy(() => {
    result = { value: work() };
  });
  return result!.value;
}

async function loadWasm(): Promise<void> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json');
  setWasmPaths(join(dirname(main), 'dist') + sep);
  await activate('tfjs-wasm');
}

async function loadNative(): Promise<void> {
  if (!('isNullOrUndefined' in util)) {
    throw new TrainyardError(
      'ENGINE_UNAVAILABLE',
      `The engine tfjs-node cannot run here: it calls util.isNullOrUndefined, which Node ${process.version} no longer has; use Node 20 or 22, or the engine tfjs-wasm.`,
      { engine: 'tfjs-node' },
    );
  }
  // Not a literal, because the package is optional and the compiler would ask for its types.
  const name: string = '@tensorflow/tfjs-node';
  await import(name);
  await activate('tfjs-node');
}

async function activate(engine: TfjsEngineName): Promise<void> {
  const backend = BACKENDS[engine];
  const accepted = await tf.setBackend(backend);
  if (!accepted || tf.getBackend() !== backend) throw new Error(`TensorFlow.js stays on ${tf.getBackend()}`);
}

function unavailable(engine: TfjsEngineName, reason: string, cause?: unknown): TrainyardError {
  const remedy =
    engine === 'tfjs-node'
      ? 'install its native library (README: Native TensorFlow) or use the engine tfjs-wasm'
      : 'reinstall @tensorflow/tfjs-backend-wasm';
  return new TrainyardError(
    'ENGINE_UNAVAILABLE',
    `The engine ${engine} cannot run here: ${reason.split('\n')[0]}; ${remedy}.`,
    { engine },
    { cause },
  );
}
