export * from './execution.js';
export * from './execution-events.js';
export * from './execution-ledger.js';
export * from './execution-transitions.js';
export * from './metrics-summary.js';
