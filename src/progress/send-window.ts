import type { Socket } from 'socket.io';

/** Packets that may wait for a client. More of them belong into the database, where the events already are. */
const PACKETS_WAITING = 16;

/**
 * Tells when a client reads more slowly than events come. Packets that its connection cannot take yet wait in memory;
 * `whenReady` gives a promise while there are too many.
 */
export class SendWindow {
  private waiting = 0;
  private ready: Promise<void> | undefined;
  private resolve: (() => void) | undefined;

  constructor(connection: Socket['conn']) {
    connection.on('packetCreate', () => {
      this.waiting += 1;
    });
    connection.on('drain', () => this.open());
    connection.on('close', () => this.open());
  }

  whenReady(): Promise<void> | undefined {
    if (this.waiting <= PACKETS_WAITING) return undefined;
    this.ready ??= new Promise((resolve) => {
      this.resolve = resolve;
    });
    return this.ready;
  }

  private open(): void {
    this.waiting = 0;
    this.resolve?.();
    this.ready = undefined;
    this.resolve = undefined;
  }
}
