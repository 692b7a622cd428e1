export type * from './execution-protocol.js';
export { ProgressModule } from './progress.module.js';
