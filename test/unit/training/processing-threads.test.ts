import { ProcessingThreads } from '#src/training/processing-threads.js';
import type { ProcessingTask } from '#src/training/worker/protocol.js';
import { workerScript } from '../../support/worker-scripts.js';

/** Answers with the thread's id and the value it got; dies, fails or stays silent when the asset's name says so. */
const ENTRY = workerScript(`
  import { threadId } from 'node:worker_threads';
  parentPort.on('message', ({ id, task: { task } }) => {
    if (task.asset === 'exit') process.exit(3);
    if (task.asset === 'throw') throw new Error('out of order');
    if (task.asset === 'silent') return;
    if (task.asset === 'fail') {
      const error = { code: 'SERIES_EMPTY', message: 'no value in fail', details: { asset: 'fail' }, stack: null };
      return parentPort.postMessage({ id, type: 'failed', error });
    }
    const block = { names: [task.asset, String(threadId)], columns: [task.value], notes: [] };
    const answer = { type: 'blocks', made: [{ block, computedRows: 2, computeMs: 0 }] };
    parentPort.postMessage({ id, type: 'answer', answer }, [task.value.buffer]);
  });
`);

function task(asset: string, value = Float64Array.of(1, 2)): ProcessingTask {
  return {
    type: 'features',
    task: { times: Float64Array.of(0, 1), asset, value, otherColumns: null, references: null, features: [] },
    orders: [],
  };
}

async function withThreads(size: number, use: (threads: ProcessingThreads) => Promise<void>): Promise<void> {
  const threads = new ProcessingThreads(size, ENTRY);
  try {
    await use(threads);
  } finally {
    await threads.close();
  }
}

describe('ProcessingThreads', () => {
  it('answers every task, on no more threads than its size, and keeps them warm', () =>
    withThreads(2, async (threads) => {
      const answers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((asset) => threads.run(task(asset))));
      expect(answers.map((answer) => answer.type === 'blocks' && answer.made[0]?.block.names[0])).toEqual([
        'a',
        'b',
        'c',
        'd',
        'e',
      ]);
      const again = await threads.run(task('f'));
      const used = new Set(
        [...answers, again].map((answer) => (answer.type === 'blocks' ? answer.made[0]?.block.names[1] : '')),
      );
      expect(used.size).toBe(2);
    }));

  it('copies buffers, or moves them when asked', () =>
    withThreads(1, async (threads) => {
      const kept = Float64Array.of(1, 2);
      const answer = await threads.run(task('a', kept));
      expect(answer).toMatchObject({ made: [{ block: { columns: [Float64Array.of(1, 2)] } }] });
      expect(kept.length).toBe(2);
      const moved = Float64Array.of(3, 4);
      await expect(threads.run(task('b', moved), true)).resolves.toMatchObject({
        made: [{ block: { columns: [Float64Array.of(3, 4)] } }],
      });
      expect(moved.length).toBe(0);
    }));

  it('passes on an error with its code', () =>
    withThreads(1, async (threads) => {
      await expect(threads.run(task('fail'))).rejects.toMatchObject({
        code: 'SERIES_EMPTY',
        message: 'no value in fail',
        details: { asset: 'fail' },
      });
    }));

  it('rejects the task of a thread that exits, and works on with a fresh one', () =>
    withThreads(1, async (threads) => {
      const [exit, thrown, after] = await Promise.allSettled([
        threads.run(task('exit')),
        threads.run(task('throw')),
        threads.run(task('a')),
      ]);
      expect(exit).toMatchObject({
        status: 'rejected',
        reason: {
          code: 'WORKER_DIED',
          details: { exitCode: 3 },
          message: expect.stringContaining('the features of exit') as unknown,
        },
      });
      expect(thrown).toMatchObject({
        status: 'rejected',
        reason: { code: 'WORKER_DIED', message: expect.stringContaining('out of order') as unknown },
      });
      expect(after).toMatchObject({
        status: 'fulfilled',
        value: { made: [{ block: { names: ['a', expect.any(String) as unknown] } }] },
      });
    }));

  it('rejects what runs and what waits when it is closed', async () => {
    const threads = new ProcessingThreads(1, ENTRY);
    const pending = Promise.allSettled([threads.run(task('silent')), threads.run(task('a'))]);
    await threads.close();
    const closed = {
      status: 'rejected',
      reason: { code: 'WORKER_DIED', message: expect.stringContaining('closed') as unknown },
    };
    expect(await pending).toMatchObject([closed, closed]);
    await expect(threads.run(task('a'))).rejects.toMatchObject({ code: 'WORKER_DIED' });
  });
});
