import type { EngineName, NetworkEngine } from './network-engine.js';
import { openBackend } from './tfjs/backend.js';
import { openTfjsRunner } from './tfjs/tfjs-runner.js';

/**
 * Opens the engine that a training asks for, or throws `ENGINE_UNAVAILABLE`.
 *
 * `auto` is `tfjs-wasm`: it runs wherever Node runs and gives the same bits on every machine, is safe in a worker thread,
 * and is the faster one up to about 64 units (LSTM of 32 units: 0.6 s an epoch against 1.7 s). `tfjs-node` pays for each
 * operation and wins from about 128 units on; its native library shares state between threads, so a host that asks
 * for it runs each training in a process of its own.
 */
export async function openEngine(choice: EngineName | 'auto'): Promise<NetworkEngine> {
  const name: EngineName = choice === 'auto' ? 'tfjs-wasm' : choice;
  await openBackend(name);
  return { name, open: (architecture, weights, training) => openTfjsRunner(name, architecture, weights, training) };
}
