import { Worker } from 'node:worker_threads';
import { decodeError } from '../../common/errors/index.js';
import type { ChartSpec } from '../../ml/plots/theme.js';
import type { ChartRequest, ChartResponse, ChartThreadStart } from './chart-protocol.js';

const ENTRY = new URL('./chart-entry.js', import.meta.url);

interface Waiting {
  resolve(svg: string): void;
  reject(error: Error): void;
}

/**
 * The thread in which charts become SVG: the five charts of a small network take 0.8 s, for which what else there is to
 * do after its training does not wait. Starts with the first chart, unless it is opened before; alive as long
 * as its host, which it does not keep alive.
 */
export class ChartThread {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private requests = 0;

  constructor(private readonly entry: URL = ENTRY) {}

  /** Starts it before there is anything to draw. */
  open(): void {
    this.worker ??= this.start({ warmsUp: true });
  }

  /** The SVG of a chart; rejected with what was wrong with it, or when the thread died. */
  draw(spec: ChartSpec): Promise<string> {
    const worker = (this.worker ??= this.start({ warmsUp: false }));
    const id = ++this.requests;
    const request: ChartRequest = { id, spec };
    return new Promise((resolve, reject) => {
      worker.postMessage(request);
      this.waiting.set(id, { resolve, reject });
      worker.ref();
    });
  }

  private start(workerData: ChartThreadStart): Worker {
    // Our arguments are for us, such as how to read the text that a process was started with.
    const worker = new Worker(this.entry, { workerData, execArgv: [], name: 'charts' });
    let cause: unknown = null;
    worker.on('message', (response: ChartResponse) => this.hear(worker, response));
    worker.on('error', (error) => (cause = error));
    worker.on('exit', (exitCode) => {
      this.worker = null;
      const error = new Error(`the thread that draws charts ended with exit code ${exitCode}`, { cause });
      for (const { reject } of this.waiting.values()) reject(error);
      this.waiting.clear();
    });
    worker.unref();
    return worker;
  }

  private hear(worker: Worker, response: ChartResponse): void {
    const waiting = this.waiting.get(response.id);
    this.waiting.delete(response.id);
    if (this.waiting.size === 0) worker.unref();
    if (response.type === 'drawn') waiting?.resolve(response.svg);
    else waiting?.reject(decodeError(response.error));
  }
}
