export * from './metrics-registry.js';
export * from './operations.module.js';
