import { TrainingHost } from '#src/training/training-host.js';
import type { TrainingJob, TrainingNews } from '#src/training/worker/protocol.js';
import { workerScript } from '../../support/worker-scripts.js';

function job(seed = 1): TrainingJob {
  const frame = () => ({ times: Float64Array.of(0, 1), names: ['a'], columns: [Float64Array.of(1, 2)] });
  return {
    executionId: 'exe_1',
    plan: {
      format: 1,
      assets: [{ id: 'a', assetClass: null, column: 'value' }],
      targets: ['a'],
      axis: { join: 'union', start: null, end: null },
      gaps: { largeShare: 0.1, imputation: 'forward-fill', neighbours: 100 },
      features: [],
      split: { by: 'ratio', validation: 0.15, test: 0.15 },
      windows: { lookBack: 1, horizon: 1, stride: 1 },
      scaling: { inputs: 'none', targets: 'none' },
      seasonLength: null,
    },
    prepared: {
      calendar: { unit: 'milliseconds', step: 1, weekdays: [0, 1, 2, 3, 4, 5, 6], irregular: false },
      series: frame(),
      filled: frame(),
      features: frame(),
      featureAssets: ['a'],
      imputations: {},
      settledAt: null,
      notes: [],
    },
    algorithm: { name: 'naive', hyperparameters: {} },
    importance: false,
    selection: null,
    gapClassifier: true,
    coverages: [],
    seed,
    engine: 'auto',
    maxRuntimeMs: null,
    checkpointEveryEpochs: 1,
    resumeFrom: null,
    epochsBefore: [],
    elapsedMsBefore: 0,
  };
}

async function outcome(source: string, options: { killAfterMs?: number; cancel?: boolean; maxHeapMb?: number } = {}) {
  const host = new TrainingHost({ threadEntry: workerScript(source), ...options });
  const news: TrainingNews[] = [];
  const training = host.start(job(), (message) => {
    news.push(message);
    if (options.cancel === true) training.cancel();
  });
  const [settled] = await Promise.allSettled([training.result]);
  await host.close();
  return { settled, news };
}

const LOG = `parentPort.postMessage({ type: 'log', level: 'info', message: 'started' });`;

describe('TrainingHost', () => {
  it('hands on the news in order, then the result', async () => {
    const { settled, news } = await outcome(`${LOG}
      parentPort.postMessage({ type: 'log', level: 'warn', message: 'seed ' + workerData.seed });
      parentPort.postMessage({ type: 'result', result: { iterations: workerData.prepared.filled.columns[0][1] } });`);
    expect(news.map((message) => message.type === 'log' && message.message)).toEqual(['started', 'seed 1']);
    expect(settled).toMatchObject({ status: 'fulfilled', value: { iterations: 2 } });
  });

  it('moves the prepared frames to the worker', async () => {
    const host = new TrainingHost({
      threadEntry: workerScript(`parentPort.postMessage({ type: 'result', result: {} });`),
    });
    const moved = job();
    await host.start(moved, () => undefined).result;
    await host.close();
    expect(moved.prepared.series.columns[0]?.length).toBe(0);
  });

  it('gives an error of the worker its code back', async () => {
    const { settled } = await outcome(`const error = {
        code: 'LOSS_NOT_FINITE', message: 'loss is NaN in epoch 3', details: { epoch: 3 }, stack: null };
      parentPort.postMessage({ type: 'failed', error });`);
    expect(settled).toMatchObject({
      status: 'rejected',
      reason: { name: 'TrainyardError', code: 'LOSS_NOT_FINITE', status: 422, details: { epoch: 3 } },
    });
  });

  it('keeps a bug a plain error with its message', async () => {
    const { settled } = await outcome(`
      parentPort.postMessage({ type: 'failed', error: { code: null, message: 'x is undefined', details: {}, stack: 'far' } });`);
    expect(settled).toMatchObject({ status: 'rejected', reason: { message: 'x is undefined', stack: 'far' } });
    expect(settled).not.toHaveProperty('reason.code');
  });

  it.each([
    ['ends by itself', LOG, 'exit code 0'],
    ['exits', `process.exit(5);`, 'exit code 5'],
    ['throws', `throw new TypeError('not a function');`, 'not a function'],
  ])('answers WORKER_DIED for a worker that %s without a result', async (_, source, message) => {
    const { settled } = await outcome(source);
    expect(settled).toMatchObject({
      status: 'rejected',
      reason: { code: 'WORKER_DIED', message: expect.stringContaining(message) as unknown },
    });
  });

  it('names the heap limit when a worker runs out of memory', async () => {
    const { settled } = await outcome(`const held = []; for (;;) held.push(new Array(1000).fill({}));`, {
      maxHeapMb: 24,
    });
    expect(settled).toMatchObject({
      status: 'rejected',
      reason: {
        code: 'WORKER_DIED',
        message: expect.stringContaining('24 MB of heap') as unknown,
        details: { maxHeapMb: 24 },
      },
    });
  });

  it('reaches a busy loop through the shared flag', async () => {
    const { settled } = await outcome(
      `const flag = new Int32Array(workerData.cancelFlag);
       ${LOG}
       while (Atomics.load(flag, 0) === 0);
       const error = { code: 'CANCELLED', message: 'cancelled in a loop', details: {}, stack: null };
       parentPort.postMessage({ type: 'failed', error });`,
      { cancel: true, killAfterMs: 20_000 },
    );
    expect(settled).toMatchObject({
      status: 'rejected',
      reason: { code: 'CANCELLED', message: 'cancelled in a loop' },
    });
  });

  it('ends a worker that does not answer a cancel', async () => {
    const { settled } = await outcome(`${LOG} for (;;);`, { cancel: true, killAfterMs: 50 });
    expect(settled).toMatchObject({
      status: 'rejected',
      reason: { code: 'CANCELLED', message: expect.stringContaining('did not answer') as unknown },
    });
  });

  it('rejects what runs when it is closed', async () => {
    const host = new TrainingHost({ threadEntry: workerScript(`for (;;);`) });
    const result = Promise.allSettled([host.start(job(), () => undefined).result]);
    await host.close();
    expect(await result).toMatchObject([{ status: 'rejected', reason: { code: 'WORKER_DIED' } }]);
  });
});
