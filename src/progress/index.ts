export type * from './event-protocol.js';
export type * from './execution-protocol.js';
export { ProgressModule } from './progress.module.js';
export type { Answer } from './socket-answer.js';
