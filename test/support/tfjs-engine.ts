import type { TfjsEngineName } from '#src/ml/engine/tfjs/backend.js';

/**
 * The TensorFlow.js engine that tests hold to the contract of engines: the one that runs anywhere, or the one that
 * conformance/tfjs-node has built and names in TRAINYARD_TEST_TFJS.
 */
export const TFJS_ENGINE = (process.env['TRAINYARD_TEST_TFJS'] ?? 'tfjs-wasm') as TfjsEngineName;
