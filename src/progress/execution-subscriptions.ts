import type { Namespace, Socket } from 'socket.io';
import type { Actor } from '../common/http/index.js';
import { TrainyardError } from '../common/errors/index.js';
import type { ExecutionEvent, ExecutionEvents } from '../executions/index.js';
import type { ClientToServerEvents, ServerToClientEvents } from './execution-protocol.js';
import { SendWindow } from './send-window.js';

export interface SocketData {
  actor: Actor;
  subscriptions: ExecutionSubscriptions;
}

type NoEvents = Record<string, never>;
export type ExecutionSocket = Socket<ClientToServerEvents, ServerToClientEvents, NoEvents, SocketData>;
export type ExecutionNamespace = Namespace<ClientToServerEvents, ServerToClientEvents, NoEvents, SocketData>;

interface Subscription {
  closeWhenDone: boolean;
  stop: () => void;
}

const SUBSCRIPTIONS_LIMIT = 200;

/** What one socket is subscribed to. */
export class ExecutionSubscriptions {
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly window: SendWindow;

  constructor(
    private readonly socket: ExecutionSocket,
    private readonly events: ExecutionEvents,
  ) {
    this.window = new SendWindow(socket.conn);
  }

  async add(executionId: string, afterSequence: number | undefined, closeWhenDone: boolean): Promise<void> {
    const current = this.subscriptions.get(executionId);
    if (current !== undefined && afterSequence === undefined) {
      current.closeWhenDone ||= closeWhenDone;
      return;
    }
    if (current === undefined && this.subscriptions.size >= SUBSCRIPTIONS_LIMIT) {
      const message = `This socket follows ${SUBSCRIPTIONS_LIMIT} executions, the limit of one socket: open another one`;
      throw new TrainyardError('LIMIT_EXCEEDED', message, { limit: SUBSCRIPTIONS_LIMIT });
    }
    current?.stop();
    const subscription: Subscription = { closeWhenDone, stop: () => undefined };
    // Taken at once, so that a second message, or a disconnection, meanwhile finds it.
    let stopped = false;
    subscription.stop = () => {
      stopped = true;
    };
    this.subscriptions.set(executionId, subscription);
    try {
      const stop = await this.events.follow(executionId, afterSequence ?? 0, {
        onEvent: (event) => (stopped ? undefined : this.send(event)),
        onEnd: () => this.end(executionId, subscription),
      });
      if (stopped) stop();
      else {
        subscription.stop = () => {
          stopped = true;
          stop();
        };
      }
    } catch (error) {
      this.forget(executionId, subscription);
      throw error;
    }
  }

  stopAll(): void {
    for (const { stop } of this.subscriptions.values()) stop();
    this.subscriptions.clear();
  }

  private send(event: ExecutionEvent): Promise<void> | undefined {
    const { type, executionId, sequence, at, data } = event;
    // The union of the events does not survive the template literal of their names.
    const emit = this.socket.emit.bind(this.socket) as (name: string, wire: object) => boolean;
    emit(`execution.${type}`, { executionId, sequence, at, ...data });
    return this.window.whenReady();
  }

  private end(executionId: string, subscription: Subscription): void {
    this.forget(executionId, subscription);
    if (subscription.closeWhenDone) this.socket.disconnect();
  }

  private forget(executionId: string, subscription: Subscription): void {
    if (this.subscriptions.get(executionId) === subscription) this.subscriptions.delete(executionId);
  }
}
