import { get } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';

/** `refused`: nobody listens, or somebody who is not our server; `silent`: no answer in time. */
export type ProbeResult = 'answered' | 'refused' | 'silent';

export async function probe(port: number, timeoutMs: number): Promise<ProbeResult> {
  return new Promise((resolve) => {
    // `agent: false`: a fresh connection each time, so that a server that stopped accepting is noticed.
    const request = get({ host: '127.0.0.1', port, path: '/', agent: false, timeout: timeoutMs }, (response) => {
      response.resume();
      const isOurs = response.statusCode === 200 && response.headers['x-dynoxide-version'] !== undefined;
      resolve(isOurs ? 'answered' : 'refused');
    });
    request.on('timeout', () => {
      resolve('silent');
      request.destroy();
    });
    request.on('error', () => resolve('refused'));
  });
}

/** A loopback port that was free a moment ago. The server takes a number, since its own choice would not be printed. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
