import type { EventBatch, EventFilter } from '../events/index.js';
import type { Answer } from './socket-answer.js';

/**
 * The events of models and endpoints over Socket.IO, namespace `/events`: types only, shared with clients. Keys are given
 * as `auth.token`, as in the namespace `/executions`.
 */
export interface EventsSubscribeMessage extends EventFilter {
  /** That of the last batch: goes on after it, without loss and without a second time. Instead of `from`. */
  readonly cursor?: string;
  /** Default `now`. */
  readonly from?: 'now' | 'beginning';
}

export interface EventsUnsubscribeMessage {
  readonly subscriptionId: string;
}

export interface EventsClientToServer {
  /** A cursor of its own is answered for whoever is disconnected before the first batch. */
  'events.subscribe': (
    message: EventsSubscribeMessage,
    answer: (answer: Answer<{ readonly subscriptionId: string; readonly cursor: string }>) => void,
  ) => void;
  'events.unsubscribe': (message: EventsUnsubscribeMessage, answer: (answer: Answer<object>) => void) => void;
}

export interface EventsServerToClient {
  /** CloudEvents, oldest first; each once. A client that reads slowly gets larger batches, and everything. */
  'events.batch': (batch: EventBatch & { readonly subscriptionId: string }) => void;
}
