import { TrainingHost, type TrainingHostOptions } from '#src/training/training-host.js';
import type { TrainingJob, TrainingNews, TrainingResult } from '#src/training/worker/protocol.js';
import { childrenOf, until } from '../../support/processes.js';
import { exampleJob } from '../../support/training-example.js';
import { processScript } from '../../support/worker-scripts.js';

/** A network, and engine `auto`: a job for a process. */
function networkJob(adjust: Partial<TrainingJob> = {}): TrainingJob {
  return exampleJob({ algorithm: 'lstm', adjust });
}

async function outcome(source: string, { cancel, ...options }: TrainingHostOptions & { cancel?: boolean } = {}) {
  const host = new TrainingHost({ processEntry: processScript(source), ...options });
  const news: TrainingNews[] = [];
  const training = host.start(networkJob(), (message) => {
    news.push(message);
    if (cancel === true) training.cancel();
  });
  const [settled] = await Promise.allSettled([training.result]);
  await host.close();
  return { settled, news };
}

const LOG = `await post({ type: 'log', level: 'info', message: 'started' });`;
const died = (message: string, details: object = {}) => ({
  status: 'rejected',
  reason: { code: 'WORKER_DIED', message: expect.stringContaining(message) as unknown, details },
});

describe('a training process', () => {
  it('hands on the news in order, then the result, and is gone', async () => {
    const before = childrenOf(process.pid).length;
    const { settled, news } = await outcome(`${LOG}
      const job = await receive();
      await post({ type: 'log', level: 'warn', message: 'seed ' + job.seed });
      await post({ type: 'result', result: { iterations: job.prepared.filled.columns[0].length } });
      setInterval(() => undefined, 1000);`);
    expect(news.map((message) => message.type === 'log' && message.message)).toEqual(['started', 'seed 11']);
    expect(settled).toMatchObject({ status: 'fulfilled', value: { iterations: 600 } });
    expect(childrenOf(process.pid)).toHaveLength(before);
  });

  it('delivers a result of many megabytes that it posts right before it ends', async () => {
    const { settled } = await outcome(`await receive();
      process.send({ type: 'result', result: { artifacts: [{ content: new Uint8Array(20e6).fill(7) }] } }, () => process.exit(3));`);
    expect(settled).toMatchObject({ status: 'fulfilled' });
    const { artifacts } = (settled as PromiseFulfilledResult<TrainingResult>).value;
    expect(artifacts[0]!.content.length).toBe(20e6);
    expect(artifacts[0]!.content.at(-1)).toBe(7);
  });

  it('gives an error of the worker its code back', async () => {
    const { settled } = await outcome(`await receive();
      await post({ type: 'failed', error: {
        code: 'LOSS_NOT_FINITE', message: 'loss is NaN in epoch 3', details: { epoch: 3 }, stack: null } });`);
    expect(settled).toMatchObject({
      status: 'rejected',
      reason: { name: 'TrainyardError', code: 'LOSS_NOT_FINITE', status: 422, details: { epoch: 3 } },
    });
  });

  it.each([
    ['ends by itself', `${LOG} process.exit();`, 'ended with exit code 0', { exitCode: 0, signal: null }],
    ['exits', `process.exit(5);`, 'exit code 5 before it delivered a result: it gave no reason', { exitCode: 5 }],
    ['throws', `throw new TypeError('not a function');`, 'TypeError: not a function', { exitCode: 1 }],
    [
      'crashes in native code',
      `console.error('free(): invalid pointer'); process.abort();`,
      'was ended by the signal SIGABRT before it delivered a result: free(): invalid pointer',
      { exitCode: null, signal: 'SIGABRT' },
    ],
    [
      'is killed with its job half read',
      `process.kill(process.pid, 'SIGKILL');`,
      'signal SIGKILL before it delivered a result: the system does this when its memory runs out',
      { signal: 'SIGKILL' },
    ],
    [
      'closes its channel and goes on',
      `process.removeAllListeners('disconnect'); process.disconnect(); setInterval(() => undefined, 1000);`,
      'SIGKILL',
      {},
    ],
  ])('answers WORKER_DIED for a process that %s', async (_, source, message, details) => {
    const { settled } = await outcome(source);
    expect(settled).toMatchObject(died(message, details));
  });

  it('answers WORKER_DIED when Node itself cannot run the entry', async () => {
    const processEntry = new URL('file:///nowhere/process-entry.js');
    const host = new TrainingHost({ processEntry });
    const [settled] = await Promise.allSettled([host.start(networkJob(), () => undefined).result]);
    await host.close();
    expect(settled).toMatchObject(died('Cannot find module', { exitCode: 1 }));
  });

  it('names the heap limit when it runs out of memory', async () => {
    const { settled } = await outcome(`const held = []; for (;;) held.push(new Array(1000).fill({}));`, {
      maxHeapMb: 24,
    });
    expect(settled).toMatchObject(died('24 MB of heap', { maxHeapMb: 24 }));
  });

  it('is told of a cancel', async () => {
    const { settled } = await outcome(
      `await receive();
       ${LOG}
       await cancelled;
       await post({ type: 'failed', error: { code: 'CANCELLED', message: 'between two calls', details: {}, stack: null } });`,
      { cancel: true, killAfterMs: 20_000 },
    );
    expect(settled).toMatchObject({ status: 'rejected', reason: { code: 'CANCELLED', message: 'between two calls' } });
  });

  it('is killed when it is too busy to hear of a cancel', async () => {
    const { settled } = await outcome(`await receive(); ${LOG} for (;;);`, { cancel: true, killAfterMs: 50 });
    expect(settled).toMatchObject({
      status: 'rejected',
      reason: { code: 'CANCELLED', message: expect.stringContaining('did not answer') as unknown },
    });
  });

  it('gets no more of the environment than it needs', async () => {
    process.env.TRAINYARD_API_KEYS = 'secret';
    const { news } =
      await outcome(`await post({ type: 'log', level: 'info', message: Object.keys(process.env).join() });
      await post({ type: 'log', level: 'info', message: process.execArgv.join() });
      process.exit();`);
    delete process.env.TRAINYARD_API_KEYS;
    const [names, execArgv] = news.map((message) => (message.type === 'log' ? message.message : ''));
    expect(names!.split(',')).toContain('PATH');
    expect(names).not.toMatch(/TRAINYARD|NODE_OPTIONS|AWS|JEST/);
    expect(execArgv).toBe('--max-old-space-size=2048');
  });

  it('is ended when the host is closed, with the spare one', async () => {
    const before = childrenOf(process.pid).length;
    const host = new TrainingHost({ processEntry: processScript(`await receive(); for (;;);`) });
    const result = Promise.allSettled([host.start(networkJob(), () => undefined).result]);
    host.expect(networkJob());
    await until(() => childrenOf(process.pid).length === before + 2);
    await host.close();
    expect(await result).toMatchObject([died('SIGKILL')]);
    expect(childrenOf(process.pid)).toHaveLength(before);
  });

  it('is never a thread, and a thread never a process', async () => {
    const before = childrenOf(process.pid).length;
    const host = new TrainingHost();
    host.expect(exampleJob({ algorithm: 'ridge' }));
    host.expect(networkJob({ engine: 'tfjs-wasm' }));
    expect(childrenOf(process.pid)).toHaveLength(before);
    await host.start(exampleJob({ algorithm: 'naive' }), () => expect(childrenOf(process.pid)).toHaveLength(before))
      .result;
    await host.close();
  });
});

describe('a spare process', () => {
  const entry = () =>
    processScript(`const job = await receive();
      await post({ type: 'result', result: { modelSha256: String(process.pid), iterations: job.seed } });`);
  let before: readonly number[];
  let host: TrainingHost;

  function open(options: TrainingHostOptions = {}): void {
    before = childrenOf(process.pid).map(({ pid }) => pid);
    host = new TrainingHost({ processEntry: entry(), ...options });
  }
  afterEach(() => host.close());
  const started = () => childrenOf(process.pid).flatMap(({ pid }) => (before.includes(pid) ? [] : [pid]));
  const run = (seed: number) => host.start(networkJob({ seed }), () => undefined).result;

  it('takes one job and is replaced after it', async () => {
    open();
    host.expect(networkJob());
    host.expect(networkJob());
    expect(started()).toHaveLength(1);
    const [waiting] = started();
    expect(await run(1)).toMatchObject({ modelSha256: String(waiting), iterations: 1 });
    let next: number | undefined;
    await until(() => {
      const pids = started();
      next = pids[0];
      return pids.length === 1 && next !== waiting;
    });
    // Two at once: the one that waits, and a new one.
    const both = await Promise.all([2, 3].map(run));
    expect(both.map(({ iterations }) => iterations)).toEqual([2, 3]);
    expect(both[0]!.modelSha256).toBe(String(next));
    expect(both[1]!.modelSha256).not.toBe(String(next));
    await host.close();
    expect(started()).toEqual([]);
  });

  it('is given up when it is not needed for long', async () => {
    open({ spareIdleMs: 300 });
    host.expect(networkJob());
    expect(started()).toHaveLength(1);
    await until(() => started().length === 0);
    expect(await run(4)).toMatchObject({ iterations: 4 });
  });

  it('is replaced when it died while it waited', async () => {
    open();
    host.expect(networkJob());
    process.kill(started()[0]!, 'SIGKILL');
    await until(() => started().length === 0);
    // Its end is told to us a turn after the system knows of it.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await run(5)).toMatchObject({ iterations: 5 });
  });
});
