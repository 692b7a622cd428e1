import type { Activity, ExecutionSummary } from './execution.js';
import type { StoredExecutionEvent } from './execution-events.js';

/** Who runs an execution, and until when it counts as alive without a heartbeat (milliseconds since 1970). */
export interface Lease {
  readonly owner: string;
  readonly expiresAt: number;
}

/** One item beside the head: an event or an activity. */
export type Entry =
  | { readonly kind: 'event'; readonly event: StoredExecutionEvent }
  | { readonly kind: 'activity'; readonly id: string; readonly activity: Activity };

/**
 * The item that every change of an execution goes through, conditionally. It carries the entries of its newest change
 * (`tail`): storing the head commits them, the items of their own are copies that whoever writes next makes good if a
 * crash came between. So a status never changes without its event, and no transaction is needed.
 */
export interface ExecutionHead extends ExecutionSummary {
  readonly lease: Lease | null;
  /** When `progress` was true. */
  readonly progressAt: string | null;
  /** Since the last checkpoint, or since the start. */
  readonly interruptionsInVain: number;
  /** Item of the idempotency key that it was started under. */
  readonly idempotencyKey: string | null;
  readonly tail: readonly Entry[];
  /** Names the item with what the start froze. */
  readonly frozenId: string;
}

/** The facts of an execution that has not run yet. */
export const NOT_YET_RUN = {
  status: 'QUEUED',
  startedAt: null,
  finishedAt: null,
  cancelRequested: false,
  attempt: 0,
  interruptions: 0,
  interruptionsInVain: 0,
  checkpointEpoch: null,
  runtimeMs: 0,
  iterations: null,
  bestEpoch: null,
  loss: null,
  validationLoss: null,
  stopReason: null,
  windows: null,
  featureSet: null,
  metrics: null,
  modelSha256: null,
  model: null,
  error: null,
  progress: null,
  progressAt: null,
  lease: null,
} as const satisfies Partial<ExecutionHead>;

const INTERNAL: Readonly<Record<Exclude<keyof ExecutionHead, keyof ExecutionSummary>, true>> = {
  lease: true,
  progressAt: true,
  interruptionsInVain: true,
  idempotencyKey: true,
  tail: true,
  frozenId: true,
};

/** What of it is for others to see. */
export function summarize(head: ExecutionHead): ExecutionSummary {
  const shown = Object.entries(head).filter(([name]) => !(name in INTERNAL));
  // Heads of earlier versions do not have it.
  return { featureSet: null, ...Object.fromEntries(shown) } as unknown as ExecutionSummary;
}
