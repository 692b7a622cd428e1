import type { FittedProcessing } from '#src/ml/processing/processing-plan.js';
import type { AskedAutoencoder } from '#src/training/planned-columns.js';
import { TrainingHost } from '#src/training/training-host.js';
import {
  artifactOf,
  digestsOf,
  examplePlan,
  exampleJob,
  logsOf,
  progressOf,
  train,
  type ExampleJob,
  EVALUATION_FILES,
} from '../support/training-example.js';

const ASKED: AskedAutoencoder = {
  units: 3,
  hidden: [8],
  activation: 'tanh',
  series: false,
  replaces: true,
  optimizer: 'adam',
  loss: 'mse',
  epochs: 12,
  batchSize: 64,
  shuffle: false,
  learningRate: 0.01,
  patience: 0,
  minimumChange: 0,
  seed: 11,
};

const planWith = (changes: Partial<AskedAutoencoder> | null = {}) =>
  examplePlan((builder) => {
    builder.feature('sma', { window: 3 }).feature('rsi', { window: 6 }).feature('ema', { window: 5 });
    return changes === null ? builder : builder.autoencoder({ ...ASKED, ...changes });
  });

const LSTM: ExampleJob = {
  algorithm: 'lstm',
  hyperparameters: { units: [4], epochs: 3, batchSize: 128 },
  plan: planWith(),
  adjust: { engine: 'tfjs-wasm' },
};

describe('a training with an autoencoder', () => {
  const host = new TrainingHost({ killAfterMs: 60_000 });
  afterAll(() => host.close());

  it('draws its losses, logs what it did and stores it with the model', async () => {
    const { result, news } = await train(host, { algorithm: 'ridge', plan: planWith() });
    const names = Object.keys(digestsOf(result))
      .filter((name) => !name.startsWith('feature-importance'))
      .sort();
    expect(names).toEqual(
      [...EVALUATION_FILES, 'autoencoder-loss.png', 'model.json', 'model.onnx', 'processing.json'].sort(),
    );
    const png = Buffer.from(artifactOf(result, 'autoencoder-loss.png').content);
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(png.length).toBeGreaterThan(10_000);
    const stored = Buffer.from(artifactOf(result, 'processing.json').content).toString();
    expect(JSON.parse(stored) as FittedProcessing).toEqual(result.fitted);
    expect(result.fitted.inputs.map(({ name }) => name)).toEqual(['north', 'south', 'AE_1', 'AE_2', 'AE_3']);
    const said = logsOf(news).join('\n');
    expect(said).toMatch(
      /Autoencoder: 6 columns → 8 → 3, trained on \d+ of the 420 rows of the train part \(\d+ lack a value\)/,
    );
    expect(said).toMatch(
      /Autoencoder: 12 of 12 epochs, weights of epoch \d+ kept: mse 0\.\d+, on the held-out rows 0\.\d+\./,
    );
    expect(said).toMatch(/in its standard deviations: 0\.\d+ on the train part, 0\.\d+ on later rows/);
    const progress = progressOf(news);
    expect(progress[0]).toMatchObject({ step: 'autoencoder', percent: 0 });
    expect(progress.find(({ step }) => step === 'windows')).toMatchObject({ epoch: null, epochs: null, loss: null });
    const percents = progress.map(({ percent }) => percent);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
  }, 240_000);

  // REFERENCE.md A: "with the autoencoder off nothing is written".
  it('writes everything without one, too', async () => {
    const { result, news } = await train(host, { algorithm: 'ridge', plan: planWith(null) });
    const names = Object.keys(digestsOf(result))
      .filter((name) => !name.startsWith('feature-importance'))
      .sort();
    expect(names).toEqual([...EVALUATION_FILES, 'model.json', 'model.onnx', 'processing.json'].sort());
    expect(result.fitted.inputs.map(({ name }) => name)).toEqual([
      'north',
      'south',
      'north_SMA_3',
      'north_RSI_6',
      'north_EMA_5',
      'south_SMA_3',
      'south_RSI_6',
      'south_EMA_5',
    ]);
    expect(result.fitted).not.toHaveProperty('autoencoder');
    expect(progressOf(news)[0]).toMatchObject({ step: 'windows' });
  }, 240_000);

  it('ends with the same bytes when it is resumed, the autoencoder computed again, even with the budget used up by then', async () => {
    const whole = await train(host, LSTM);
    expect(Object.keys(digestsOf(whole.result)).sort()).toContain('autoencoder-loss.png');
    const epochs = whole.news.flatMap((message) => (message.type === 'epoch' ? [message.record] : []));
    const [, checkpoint] = whole.news.flatMap((message) => (message.type === 'checkpoint' ? [message.checkpoint] : []));
    const epochsBefore = epochs.filter(({ epoch }) => epoch <= checkpoint!.epoch);
    const adjust = { ...LSTM.adjust, resumeFrom: checkpoint!, epochsBefore, elapsedMsBefore: 1_000 };
    const resumed = await train(host, { ...LSTM, adjust });
    expect(digestsOf(resumed.result)).toEqual(digestsOf(whole.result));
    const late = await train(host, { ...LSTM, adjust: { ...adjust, maxRuntimeMs: 1_000 } });
    expect(late.result.stopReason).toBe('budget');
    expect(late.result.fitted).toEqual(whole.result.fitted);
  }, 300_000);

  it('ends within a batch of its autoencoder when it is cancelled', async () => {
    const job = exampleJob({ algorithm: 'ridge', plan: planWith({ epochs: 100_000 }) });
    const training = host.start(job, (message) => {
      if (message.type === 'progress' && message.step === 'autoencoder' && message.epoch !== null) training.cancel();
    });
    await expect(training.result).rejects.toMatchObject({ code: 'CANCELLED', message: 'The training was cancelled.' });
  }, 240_000);

  it('goes on with the best codes so far when the budget runs out meanwhile', async () => {
    const plan = planWith({ epochs: 100_000 });
    const { result, news } = await train(host, { algorithm: 'ridge', plan, adjust: { maxRuntimeMs: 1_500 } });
    expect(logsOf(news, 'warn').join('\n')).toContain(
      'Autoencoder: stopped by the runtime budget; its best weights so far are used',
    );
    expect(result.report.test?.windows).toBe(85);
  }, 240_000);
});
