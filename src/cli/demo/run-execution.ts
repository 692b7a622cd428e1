import { io } from 'socket.io-client';
import type { ExecutionEventMap } from '../../executions/index.js';
import { ProgressBar } from './progress-bar.js';

type Started = { ok: true; executionId: string } | { ok: false; error: { code: string; message: string } };

/** Starts an execution over the socket and shows its progress until the service ends the subscription. */
export function runExecution(url: string, templateId: string, output: NodeJS.WriteStream): Promise<string> {
  return new Promise((resolve, reject) => {
    const bar = new ProgressBar(output);
    const socket = io(`${url}/executions`, { transports: ['websocket'], reconnection: false });
    let executionId = '';
    const end = (settle: () => void) => {
      bar.end();
      socket.disconnect();
      settle();
    };
    socket.on('connect_error', (error: Error) => end(() => reject(error)));
    socket.on('connect', () => {
      socket.emit('execution.start', { templateId }, (answer: Started) => {
        if (!answer.ok) return end(() => reject(new Error(`${answer.error.code}: ${answer.error.message}`)));
        executionId = answer.executionId;
        output.write(`  execution ${executionId}\n`);
        socket.emit('execution.subscribe', { executionId });
      });
    });
    socket.on('execution.status', (event: { data: ExecutionEventMap['status'] }) => {
      bar.end();
      output.write(`  ${event.data.status}\n`);
    });
    socket.on('execution.log', (event: { data: ExecutionEventMap['log'] }) => {
      bar.end();
      output.write(`    ${event.data.message}\n`);
    });
    socket.on('execution.progress', (event: { data: ExecutionEventMap['progress'] }) => bar.draw(event.data));
    socket.on('execution.completed', () => end(() => resolve(executionId)));
    socket.on('execution.failed', (event: { data: ExecutionEventMap['failed'] }) =>
      end(() => reject(new Error(`${event.data.error.code}: ${event.data.error.message}`))),
    );
  });
}
