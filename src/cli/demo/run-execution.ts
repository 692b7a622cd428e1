import { io, type Socket } from 'socket.io-client';
import type { ClientToServerEvents, ServerToClientEvents } from '../../progress/index.js';
import { ProgressBar } from './progress-bar.js';

/** Starts an execution over the socket and shows its progress until the service ends the subscription. */
export function runExecution(url: string, templateId: string, output: NodeJS.WriteStream): Promise<string> {
  return new Promise((resolve, reject) => {
    const bar = new ProgressBar(output);
    const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(`${url}/executions`, {
      transports: ['websocket'],
      reconnection: false,
    });
    const end = (settle: () => void) => {
      bar.end();
      socket.disconnect();
      settle();
    };
    const say = (text: string) => {
      bar.end();
      output.write(`${text}\n`);
    };
    socket.on('connect_error', (error) => end(() => reject(error)));
    socket.on('connect', () => {
      socket.emit('execution.start', { templateId, closeWhenDone: true }, (answer) => {
        if (answer.ok) say(`  execution ${answer.executionId}`);
        else end(() => reject(new Error(`${answer.error.code}: ${answer.error.message}`)));
      });
    });
    socket.on('execution.status', ({ status }) => say(`  ${status}`));
    socket.on('execution.log', ({ message }) => say(`    ${message}`));
    socket.on('execution.progress', (progress) => bar.draw(progress));
    socket.on('execution.completed', ({ executionId }) => end(() => resolve(executionId)));
    socket.on('execution.failed', ({ error }) => end(() => reject(new Error(`${error.code}: ${error.message}`))));
  });
}
