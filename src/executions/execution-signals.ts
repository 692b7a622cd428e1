import { Injectable, Logger } from '@nestjs/common';

type Listener = (executionId: string) => void;

/** What one part of this process tells another at once; the database tells the same later to whoever was not there. */
@Injectable()
export class ExecutionSignals {
  readonly queued = new Signal('queued');
  readonly cancelRequested = new Signal('cancelRequested');
}

class Signal {
  private readonly logger = new Logger('ExecutionSignals');
  private readonly listeners = new Set<Listener>();

  constructor(private readonly name: string) {}

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** In a turn of its own: whoever sends it waits for nobody. */
  send(executionId: string): void {
    for (const listener of this.listeners) {
      setImmediate(() => {
        try {
          listener(executionId);
        } catch (error) {
          this.logger.error(`a listener of ${this.name} failed: ${String(error)}`);
        }
      });
    }
  }
}
