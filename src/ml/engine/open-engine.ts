import { TrainyardError } from '../../common/errors/index.js';
import type { EngineName, NetworkEngine } from './network-engine.js';
import { openOnnxRunner } from './onnx/onnx-runner.js';
import { openPathSampler, type PathSampler } from './onnx/path-sampler.js';
import { loadRuntime, type OnnxEngineName } from './onnx/runtime.js';
import type { AutoregressivePlan } from './onnx/sampling-graph.js';
import { openBackend } from './tfjs/backend.js';
import { openTfjsRunner } from './tfjs/tfjs-runner.js';

/** What a training may ask for. */
export type EngineChoice = 'auto' | EngineName;

/**
 * Opens the engine that a training asks for, or throws `ENGINE_UNAVAILABLE`.
 *
 * `auto` is `onnx` where its native library runs, and `onnx-web`, the same graphs in WebAssembly, elsewhere. Which one
 * it was is in the result: equal bytes are promised for one engine. The tfjs engines are oracles, and second choices.
 */
export async function openEngine(choice: EngineChoice): Promise<NetworkEngine> {
  const name = choice === 'auto' ? await fastestEngine() : choice;
  switch (name) {
    case 'onnx':
    case 'onnx-web':
      await loadRuntime(name);
      return {
        name,
        open: (architecture, weights, training) => openOnnxRunner(name, architecture, weights, training),
      };
    case 'tfjs-node':
    case 'tfjs-wasm':
      await openBackend(name);
      return {
        name,
        open: async (architecture, weights, training) => openTfjsRunner(name, architecture, weights, training),
      };
  }
}

/** Opens a network that forecasts by sampling, on the engine that `auto` is. */
export async function openSampler(plan: AutoregressivePlan): Promise<PathSampler> {
  return openPathSampler(await fastestEngine(), plan);
}

/** What `auto` is here. */
export async function fastestEngine(): Promise<OnnxEngineName> {
  try {
    await loadRuntime('onnx');
    return 'onnx';
  } catch (error) {
    if (error instanceof TrainyardError && error.code === 'ENGINE_UNAVAILABLE') return 'onnx-web';
    throw error;
  }
}
