import { get } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';

/** True when the database answers on the port; false when nobody does, or somebody else, or not in time. */
export async function answers(port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    // `agent: false`: a fresh connection each time, so that a server that stopped accepting is noticed.
    const request = get({ host: '127.0.0.1', port, path: '/', agent: false, timeout: timeoutMs }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 && response.headers['x-dynoxide-version'] !== undefined);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
    request.on('close', () => resolve(false));
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
