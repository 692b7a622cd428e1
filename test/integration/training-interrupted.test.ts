import { TrainingHost } from '#src/training/training-host.js';
import { digestsOf, exampleJob, train, type ExampleJob } from '../support/training-example.js';

const SHORT: ExampleJob = {
  algorithm: 'lstm',
  hyperparameters: { units: [8], epochs: 4, batchSize: 64 },
  adjust: { engine: 'tfjs-wasm' },
};
/** Minutes, if nobody ended it. */
const LONG: ExampleJob = {
  ...SHORT,
  hyperparameters: { units: [48], epochs: 1_000, batchSize: 32, patience: 0 },
};
const PATIENT_MS = 60_000;

describe('an interrupted training', () => {
  const host = new TrainingHost({ killAfterMs: PATIENT_MS });
  afterAll(() => host.close());

  it('ends with the same bytes from each of its checkpoints, the loss picture included', async () => {
    const whole = await train(host, SHORT);
    const epochs = whole.news.flatMap((message) => (message.type === 'epoch' ? [message.record] : []));
    const checkpoints = whole.news.flatMap((message) => (message.type === 'checkpoint' ? [message.checkpoint] : []));
    expect(checkpoints.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    for (const resumeFrom of checkpoints) {
      const epochsBefore = epochs.filter(({ epoch }) => epoch <= resumeFrom.epoch);
      const adjust = { ...SHORT.adjust, resumeFrom, epochsBefore, elapsedMsBefore: 1_000 };
      const resumed = await train(host, { ...SHORT, adjust });
      const run = resumed.news.flatMap((message) => (message.type === 'epoch' ? [message.record.epoch] : []));
      expect(run).toEqual([1, 2, 3, 4].slice(resumeFrom.epoch));
      expect(digestsOf(resumed.result)).toEqual(digestsOf(whole.result));
    }
  }, 180_000);

  it('ends by itself when it is cancelled, within a batch', async () => {
    const training = host.start(exampleJob(LONG), (message) => {
      if (message.type === 'epoch') training.cancel();
    });
    await expect(training.result).rejects.toMatchObject({ code: 'CANCELLED', message: 'The training was cancelled.' });
  }, 240_000);

  it('keeps and scores the best weights so far when its budget runs out', async () => {
    const { result } = await train(host, { ...LONG, adjust: { ...LONG.adjust, maxRuntimeMs: 3_000 } });
    expect(result.stopReason).toBe('budget');
    expect(result.iterations).toBeLessThan(1_000);
    expect(result.bestEpoch).toBeLessThanOrEqual(result.iterations);
    expect(result.report.test?.windows).toBe(85);
  }, 240_000);

  it('answers WORKER_DIED when its worker is ended', async () => {
    const training = host.start(exampleJob(LONG), (message) => {
      if (message.type === 'progress' && message.step === 'training') void training.kill();
    });
    await expect(training.result).rejects.toMatchObject({ code: 'WORKER_DIED', details: { exitCode: 1 } });
  }, 240_000);
});
