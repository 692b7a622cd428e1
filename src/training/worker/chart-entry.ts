import { parentPort, workerData } from 'node:worker_threads';
import { encodeError } from '../../common/errors/index.js';
import type { ChartRequest, ChartResponse, ChartThreadStart } from './chart-protocol.js';
import { drawSvg } from './chart-svg.js';
import { warmUpChart } from './warm-up-chart.js';

/** A thread that draws charts, one after the other, and keeps nothing between them. */
const port = parentPort;
if (port === null) throw new Error('charts are drawn in a worker thread');

// What cannot be drawn here is said by the first chart that is asked for.
if ((workerData as ChartThreadStart).warmsUp) await drawSvg(warmUpChart()).catch(() => undefined);

let last: Promise<void> = Promise.resolve();
port.on('message', ({ id, spec }: ChartRequest) => {
  last = last
    .then(() => drawSvg(spec))
    .then(
      (svg): ChartResponse => ({ id, type: 'drawn', svg }),
      (error: unknown): ChartResponse => ({ id, type: 'failed', error: encodeError(error) }),
    )
    .then((response) => port.postMessage(response));
});
