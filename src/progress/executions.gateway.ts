import { Logger } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
} from '@nestjs/websockets';
import { ApiKeys } from '../common/http/index.js';
import { ExecutionEvents, ExecutionsService } from '../executions/index.js';
import { CancelMessageDto, StartMessageDto, SubscribeMessageDto } from './dto/messages.dto.js';
import { ExecutionSubscriptions, type ExecutionNamespace, type ExecutionSocket } from './execution-subscriptions.js';
import { readMessage } from './read-message.js';
import { answer, describeError, type Answer } from './socket-answer.js';

/** Live executions over Socket.IO; the protocol is in `execution-protocol.ts`. Whatever a client sends is answered. */
@WebSocketGateway({ namespace: 'executions' })
export class ExecutionsGateway implements OnGatewayInit, OnGatewayConnection, OnGatewayDisconnect {
  private readonly logger = new Logger('ExecutionsGateway');

  constructor(
    private readonly executions: ExecutionsService,
    private readonly events: ExecutionEvents,
    private readonly keys: ApiKeys,
  ) {}

  /** A handshake without a valid key is refused (`connect_error` with the problem as `data`). */
  afterInit(namespace: ExecutionNamespace): void {
    namespace.use((socket, next) => {
      try {
        const { token } = socket.handshake.auth;
        socket.data.actor = this.keys.authenticate(typeof token === 'string' ? token : undefined);
        socket.data.subscriptions = new ExecutionSubscriptions(socket, this.events);
        next();
      } catch (error) {
        const problem = describeError(this.logger, error);
        next(Object.assign(new Error(problem.message), { data: problem }));
      }
    });
  }

  /** Subscribes a socket that was opened for one execution alone. */
  handleConnection(socket: ExecutionSocket): void {
    const { executionId = socket.handshake.query.executionId, afterSequence } = socket.handshake.auth;
    if (executionId === undefined) return;
    void answer(this.logger, async () => {
      const message = readMessage(SubscribeMessageDto, {
        executionId: executionId as unknown,
        afterSequence: afterSequence as unknown,
      });
      await socket.data.subscriptions.add(message.executionId, message.afterSequence, true);
      return {};
    }).then((answered) => {
      if (answered.ok) return;
      socket.emit('execution.rejected', answered.error);
      socket.disconnect();
    });
  }

  handleDisconnect(socket: ExecutionSocket): void {
    socket.data.subscriptions.stopAll();
  }

  @SubscribeMessage('execution.start')
  async start(
    @ConnectedSocket() socket: ExecutionSocket,
    @MessageBody() payload: unknown,
  ): Promise<Answer<{ readonly executionId: string }>> {
    return answer(this.logger, async () => {
      this.keys.authorize(socket.data.actor, 'trainer');
      const { version, closeWhenDone, idempotencyKey, ...request } = readMessage(StartMessageDto, payload);
      const asker = { actor: socket.data.actor, via: 'socket', idempotencyKey } as const;
      const { executionId } = await this.executions.start({ ...request, templateVersion: version }, asker);
      if (closeWhenDone === true) await socket.data.subscriptions.add(executionId, undefined, true);
      return { executionId };
    });
  }

  @SubscribeMessage('execution.subscribe')
  async subscribe(
    @ConnectedSocket() socket: ExecutionSocket,
    @MessageBody() payload: unknown,
  ): Promise<Answer<{ readonly executionId: string }>> {
    return answer(this.logger, async () => {
      const { executionId, afterSequence, closeWhenDone } = readMessage(SubscribeMessageDto, payload);
      await socket.data.subscriptions.add(executionId, afterSequence, closeWhenDone ?? false);
      return { executionId };
    });
  }

  @SubscribeMessage('execution.cancel')
  async cancel(
    @ConnectedSocket() socket: ExecutionSocket,
    @MessageBody() payload: unknown,
  ): Promise<Answer<{ readonly executionId: string; readonly status: string }>> {
    return answer(this.logger, async () => {
      this.keys.authorize(socket.data.actor, 'trainer');
      const { executionId } = readMessage(CancelMessageDto, payload);
      const { status } = await this.executions.cancel(executionId, { actor: socket.data.actor, via: 'socket' });
      return { executionId, status };
    });
  }
}
