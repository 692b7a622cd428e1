import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { jest } from '@jest/globals';
import { TrainingHost } from '#src/training/training-host.js';
import { OrchestratorHarness } from '../support/orchestrator-harness.js';
import { childrenOf, isRunning, trainingsOf, until } from '../support/processes.js';
import { digestsOf, exampleJob, train, type ExampleJob } from '../support/training-example.js';
import { parentScript } from '../support/worker-scripts.js';

/** Engine `auto`: a process each. */
const SHORT: ExampleJob = { algorithm: 'lstm', hyperparameters: { units: [8], epochs: 3, batchSize: 64 } };
/** Minutes, if nobody ended it. */
const LONG: ExampleJob = {
  algorithm: 'lstm',
  hyperparameters: { units: [64], epochs: 1_000, batchSize: 16, patience: 0 },
};
const PATIENT_MS = 60_000;

jest.setTimeout(400_000);

describe('a network in a process of its own', () => {
  const host = new TrainingHost({ killAfterMs: PATIENT_MS });
  afterAll(() => host.close());

  it('gives the same bytes beside another one, and again in the spare process', async () => {
    const [first, second] = await Promise.all([train(host, SHORT), train(host, SHORT)]);
    const third = await train(host, SHORT);
    expect(second.news.filter(({ type }) => type === 'epoch')).toHaveLength(3);
    expect(digestsOf(second.result)).toEqual(digestsOf(first.result));
    expect(digestsOf(third.result)).toEqual(digestsOf(first.result));
    await until(() => trainingsOf(process.pid).length === 0);
  });

  it('goes on from a checkpoint that another process made, to the same bytes', async () => {
    const whole = await train(host, SHORT);
    const epochs = whole.news.flatMap((message) => (message.type === 'epoch' ? [message.record] : []));
    const checkpoints = whole.news.flatMap((message) => (message.type === 'checkpoint' ? [message.checkpoint] : []));
    const resumeFrom = checkpoints[0]!;
    expect(resumeFrom.epoch).toBe(1);
    const adjust = { resumeFrom, epochsBefore: epochs.slice(0, 1), elapsedMsBefore: 1_000 };
    const resumed = await train(host, { ...SHORT, adjust });
    expect(digestsOf(resumed.result)).toEqual(digestsOf(whole.result));
  });

  it('is cancelled within an epoch', async () => {
    let epochs = 0;
    const training = host.start(exampleJob(LONG), (message) => {
      if (message.type === 'epoch') epochs += 1;
      if (message.type === 'epoch' || (message.type === 'progress' && message.step === 'training')) training.cancel();
    });
    await expect(training.result).rejects.toMatchObject({ code: 'CANCELLED', message: 'The training was cancelled.' });
    expect(epochs).toBeLessThan(3);
  });

  it('keeps and scores the best weights so far when its budget runs out', async () => {
    const { result } = await train(host, { ...LONG, adjust: { maxRuntimeMs: 3_000 } });
    expect(result.stopReason).toBe('budget');
    expect(result.report.test?.windows).toBe(85);
  });

  it('fails with the code of what is wrong with the series', async () => {
    const lookBack = 1_000;
    const plan = { ...exampleJob(SHORT).plan, windows: { lookBack, horizon: 6, stride: 1 } };
    await expect(train(host, { ...SHORT, plan })).rejects.toMatchObject({
      name: 'TrainyardError',
      code: 'SERIES_TOO_SHORT',
      details: { part: 'train', needed: 1_006 },
    });
  });
});

describe('a training process that is killed', () => {
  it('fails its execution with the signal, and the service goes on with the next', async () => {
    const harness = await OrchestratorHarness.open();
    const algorithm = { name: 'lstm', hyperparameters: LONG.hyperparameters };
    const killed = await harness.enqueue({ algorithm });
    const next = await harness.enqueue({ algorithm: { name: 'lstm', hyperparameters: SHORT.hyperparameters } });
    const { orchestrator } = harness.service();
    orchestrator.onApplicationBootstrap();
    await harness.until(killed, ({ checkpointEpoch }) => checkpointEpoch !== null);
    const [training, ...others] = trainingsOf(process.pid);
    expect(others).toEqual([]);
    expect(training!.title).toBe(`trainyard training ${killed}`);
    process.kill(training!.pid, 'SIGKILL');
    await harness.ended(killed);
    await harness.ended(next);
    expect(await harness.head(killed)).toMatchObject({
      status: 'FAILED',
      error: {
        code: 'WORKER_DIED',
        message: expect.stringContaining('was ended by the signal SIGKILL') as unknown,
        details: { exitCode: null, signal: 'SIGKILL' },
      },
    });
    expect(await harness.head(next)).toMatchObject({ status: 'SUCCEEDED', iterations: 3 });
    await harness.close();
    expect(trainingsOf(process.pid)).toEqual([]);
    expect(childrenOf(process.pid).filter(({ title }) => title.startsWith('trainyard training'))).toEqual([]);
  });
});

describe('a service that is killed', () => {
  it('takes the process that trains and the one that waits with it', async () => {
    const service = spawn(process.execPath, [parentScript(exampleJob(LONG))], { stdio: ['ignore', 'pipe', 'inherit'] });
    // It says one word once the training runs.
    await once(service.stdout, 'data');
    let children = childrenOf(service.pid!);
    const expected = ['trainyard training exe_example', 'trainyard training, waiting'];
    await until(() => {
      children = childrenOf(service.pid!);
      return expected.every((title) => children.some((child) => child.title === title));
    });
    expect(children).toHaveLength(2);
    service.kill('SIGKILL');
    await until(() => children.every(({ pid }) => !isRunning(pid)));
    expect(isRunning(service.pid!)).toBe(false);
  });
});
