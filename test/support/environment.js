import { TestEnvironment } from 'jest-environment-node';

/**
 * jest gives each test file its own globals. Typed arrays that come from worker threads, WebAssembly or the
 * structured clone belong to the outer realm, where `instanceof Float64Array` of the inner one is false: share them.
 */
export default class Environment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    for (const name of [
      'Float64Array',
      'Float32Array',
      'Int32Array',
      'Uint32Array',
      'Int16Array',
      'Uint16Array',
      'Int8Array',
      'Uint8ClampedArray',
      'BigInt64Array',
      'BigUint64Array',
      'SharedArrayBuffer',
      'DataView',
      'Error',
      'TypeError',
      'RangeError',
      'Atomics',
    ]) {
      this.global[name] = globalThis[name];
    }
  }
}
