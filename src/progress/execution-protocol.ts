import type { ExecutionEventMap, ExecutionEventType } from '../executions/index.js';
import type { Answer, AnswerError } from './socket-answer.js';

/**
 * The live protocol, Socket.IO namespace `/executions`, as types only: for the service, the web UI and any other client
 * alike. Every message of a client takes an acknowledgement. An API key goes into the handshake as `auth.token`.
 *
 * A socket that is opened for one execution alone says so and is disconnected by the service after the last event:
 * either by `auth.executionId` (and `auth.afterSequence`) in the handshake, which subscribes at once, or by
 * `closeWhenDone` when it starts or subscribes.
 */
export interface ClientToServerEvents {
  /** Starts an execution. With `closeWhenDone` it is subscribed to as well. */
  'execution.start': (
    payload: StartMessage,
    answer: (answer: Answer<{ readonly executionId: string }>) => void,
  ) => void;
  /**
   * Asks for the events of an execution: those stored after `afterSequence` (default 0: all), then what comes, each
   * once and in order. Whoever reconnects gives the last sequence it received and has missed nothing. Subscribing again
   * with `afterSequence` starts from there; without, it changes nothing.
   */
  'execution.subscribe': (
    payload: SubscribeMessage,
    answer: (answer: Answer<{ readonly executionId: string }>) => void,
  ) => void;
  'execution.cancel': (
    payload: { readonly executionId: string },
    answer: (answer: Answer<{ readonly executionId: string; readonly status: string }>) => void,
  ) => void;
}

/** The last is `execution.completed` or `execution.failed`; after it the service ends the subscription. */
export type ServerToClientEvents = {
  [Type in ExecutionEventType as `execution.${Type}`]: (event: WireEvent<Type>) => void;
} & {
  /** The execution named in the handshake cannot be followed; the socket is disconnected. */
  'execution.rejected': (error: AnswerError) => void;
};

/**
 * `sequence` numbers the stored events 1, 2, 3, …; progress is not stored and carries the number of the event before
 * it. A client that reads too slowly gets every stored event, and of the progress only the latest.
 */
export type WireEvent<Type extends ExecutionEventType> = ExecutionEventMap[Type] & {
  readonly executionId: string;
  readonly sequence: number;
  /** ISO 8601 in UTC. */
  readonly at: string;
};

export interface StartMessage {
  readonly templateId: string;
  /** Without it, the newest. */
  readonly version?: number;
  readonly overrides?: Readonly<Record<string, unknown>>;
  /** The same key with the same request gives the same execution. */
  readonly idempotencyKey?: string;
  readonly closeWhenDone?: boolean;
}

export interface SubscribeMessage {
  readonly executionId: string;
  readonly afterSequence?: number;
  readonly closeWhenDone?: boolean;
}
