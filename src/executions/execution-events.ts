import type { EpochRecord } from '../ml/algorithms/algorithm.js';
import type { ExecutionError, ExecutionProgress, ExecutionStatus, LogLevel } from './execution.js';
import type { MetricsSummary } from './metrics-summary.js';

/**
 * What happens to an execution, by the name the socket sends it under (`execution.<type>`).
 *
 * Every event carries `sequence`. Stored ones (all but progress) number an execution's events 1, 2, 3, … without holes;
 * whoever has seen n has missed nothing up to n, across restarts of the service too. Progress is transient and carries
 * the number of the stored event before it, so that any sequence received is a valid `afterSequence`.
 */
export interface ExecutionEventMap {
  status: {
    readonly from: ExecutionStatus | null;
    readonly status: ExecutionStatus;
  };
  log: { readonly level: LogLevel; readonly message: string };
  epoch: EpochRecord;
  progress: ExecutionProgress;
  /** The last event of an execution that has a result. */
  completed: {
    readonly status: 'SUCCEEDED' | 'STOPPED';
    readonly model: { readonly name: string; readonly version: number };
    readonly metrics: MetricsSummary;
    readonly runtimeMs: number;
  };
  /** The last event of an execution without one. A cancelled one has the error code `CANCELLED`. */
  failed: { readonly status: 'FAILED' | 'CANCELLED'; readonly error: ExecutionError };
}

export type ExecutionEventType = keyof ExecutionEventMap;
export type StoredEventType = Exclude<ExecutionEventType, 'progress'>;

interface Envelope<Type extends ExecutionEventType> {
  readonly type: Type;
  readonly executionId: string;
  readonly sequence: number;
  readonly at: string;
  readonly data: ExecutionEventMap[Type];
}

export type ExecutionEvent = { [Type in ExecutionEventType]: Envelope<Type> }[ExecutionEventType];
export type StoredExecutionEvent = { [Type in StoredEventType]: Envelope<Type> }[StoredEventType];

/** An event before it has its place in the order. */
export type NewExecutionEvent = {
  [Type in StoredEventType]: { readonly type: Type; readonly data: ExecutionEventMap[Type] };
}[StoredEventType];

export function isLastEvent(event: ExecutionEvent): boolean {
  return event.type === 'completed' || event.type === 'failed';
}
