import { Inject, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  type OnGatewayDisconnect,
  type OnGatewayInit,
} from '@nestjs/websockets';
import type { Namespace, Socket } from 'socket.io';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { TrainyardError } from '../common/errors/index.js';
import { ApiKeys } from '../common/http/index.js';
import { newId } from '../common/ids.js';
import { EventFeed, EventPosition, EventsService, type EventFilter, type EventSelection } from '../events/index.js';
import { EventsSubscribeMessageDto, EventsUnsubscribeMessageDto } from './dto/event-messages.dto.js';
import type { EventsClientToServer, EventsServerToClient } from './event-protocol.js';
import { readMessage } from './read-message.js';
import { SendWindow } from './send-window.js';
import { answer, describeError, type Answer } from './socket-answer.js';

type NoEvents = Record<string, never>;

interface SocketData {
  readonly feeds: Map<string, EventFeed>;
  readonly window: SendWindow;
}

type EventsSocket = Socket<EventsClientToServer, EventsServerToClient, NoEvents, SocketData>;
type EventsNamespace = Namespace<EventsClientToServer, EventsServerToClient, NoEvents, SocketData>;

const FEEDS_LIMIT = 20;
/** How often the database is asked, besides after each event of this process: others write events too. */
const POLL_MS = { alone: 5_000, shared: 1_000 };

/** What happens to models and endpoints, over Socket.IO; the protocol is in `event-protocol.ts`. */
@WebSocketGateway({ namespace: 'events' })
export class EventsGateway implements OnModuleInit, OnModuleDestroy, OnGatewayInit, OnGatewayDisconnect {
  private readonly logger = new Logger('EventsGateway');
  private readonly feeds = new Set<EventFeed>();
  private timer: NodeJS.Timeout | undefined;
  private stopListening: () => void = () => undefined;

  constructor(
    private readonly events: EventsService,
    private readonly keys: ApiKeys,
    @Inject(CONFIG) private readonly config: TrainyardConfig,
  ) {}

  onModuleInit(): void {
    const nudge = (): void => this.feeds.forEach((feed) => feed.nudge());
    this.stopListening = this.events.listen(nudge);
    this.timer = setInterval(nudge, this.config.database.kind === 'embedded' ? POLL_MS.alone : POLL_MS.shared).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    this.stopListening();
    for (const feed of this.feeds) feed.stop();
    this.feeds.clear();
  }

  /** A handshake without a valid key is refused (`connect_error` with the problem as `data`). */
  afterInit(namespace: EventsNamespace): void {
    namespace.use((socket, next) => {
      try {
        const { token } = socket.handshake.auth;
        this.keys.authenticate(typeof token === 'string' ? token : undefined);
        Object.assign(socket.data, { feeds: new Map(), window: new SendWindow(socket.conn) } satisfies SocketData);
        next();
      } catch (error) {
        const problem = describeError(this.logger, error);
        next(Object.assign(new Error(problem.message), { data: problem }));
      }
    });
  }

  handleDisconnect(socket: EventsSocket): void {
    for (const [id, feed] of socket.data.feeds) this.end(socket, id, feed);
  }

  @SubscribeMessage('events.subscribe')
  subscribe(
    @ConnectedSocket() socket: EventsSocket,
    @MessageBody() payload: unknown,
  ): Promise<Answer<{ readonly subscriptionId: string; readonly cursor: string }>> {
    return answer(this.logger, async () => {
      const { cursor, from, ...filter } = readMessage(EventsSubscribeMessageDto, payload);
      const { feeds } = socket.data;
      if (feeds.size >= FEEDS_LIMIT) {
        const message = `This socket has ${FEEDS_LIMIT} subscriptions, the limit of one socket: end one, or open another socket`;
        throw new TrainyardError('LIMIT_EXCEEDED', message, { limit: FEEDS_LIMIT });
      }
      const subscriptionId = newId('sub');
      const position = cursor === undefined ? EventPosition.beginning() : EventPosition.of(cursor);
      const feed = this.open(socket, subscriptionId, filter, position);
      // Taken at once, so that a disconnection meanwhile finds it.
      feeds.set(subscriptionId, feed);
      try {
        if (cursor === undefined && from !== 'beginning') await feed.skip();
      } catch (error) {
        this.end(socket, subscriptionId, feed);
        throw error;
      }
      if (feeds.has(subscriptionId)) this.feeds.add(feed);
      const answered = feed.cursor;
      // The answer goes out first.
      setImmediate(() => feed.nudge());
      return { subscriptionId, cursor: answered };
    });
  }

  @SubscribeMessage('events.unsubscribe')
  unsubscribe(@ConnectedSocket() socket: EventsSocket, @MessageBody() payload: unknown): Promise<Answer<object>> {
    return answer(this.logger, async () => {
      const { subscriptionId } = readMessage(EventsUnsubscribeMessageDto, payload);
      const feed = socket.data.feeds.get(subscriptionId);
      if (feed) this.end(socket, subscriptionId, feed);
      return {};
    });
  }

  private open(socket: EventsSocket, subscriptionId: string, filter: EventFilter, position: EventPosition): EventFeed {
    const source = {
      newest: async (selection: EventSelection) =>
        (await this.events.list(selection, { limit: 1 })).items[0]?.id ?? null,
      after: (selection: EventSelection, id: string | null) => this.events.after(selection, id),
      onError: (error: unknown) => this.logger.warn(`reading events for a socket: ${String(error)}`),
    };
    return new EventFeed(filter, position, source, (batch) => {
      socket.emit('events.batch', { subscriptionId, ...batch });
      return socket.data.window.whenReady();
    });
  }

  private end(socket: EventsSocket, subscriptionId: string, feed: EventFeed): void {
    feed.stop();
    this.feeds.delete(feed);
    socket.data.feeds.delete(subscriptionId);
  }
}
