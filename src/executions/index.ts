export * from './execution.js';
export * from './execution-events.js';
export { ExecutionEvents } from './execution-events.service.js';
export { ExecutionLedger } from './execution-ledger.js';
export * from './execution-transitions.js';
export { ExecutionsModule } from './executions.module.js';
export { ExecutionsService } from './executions.service.js';
export { IDEMPOTENCY_KEY } from './idempotency-key.js';
export * from './metrics-summary.js';
