import { createHash } from 'node:crypto';
import type { EvaluationReport } from '#src/ml/evaluation/evaluation-report.js';
import { decodeModelState } from '#src/ml/export/model-state-codec.js';
import { TrainingHost } from '#src/training/training-host.js';
import {
  artifactOf,
  digestsOf,
  exampleFrames,
  examplePlan,
  logsOf,
  progressOf,
  train,
  type Trained,
  EVALUATION_FILES,
} from '../support/training-example.js';

const host = new TrainingHost();
afterAll(() => host.close());

const NETWORK: Readonly<Record<string, number | readonly number[]>> = { units: [8], epochs: 3, batchSize: 64 };

/** Of algorithms that read features. */
const IMPORTANCE = ['feature-importance.json', 'feature-importance.png'] as const;

describe.each([
  { algorithm: 'naive', hyperparameters: {}, engine: 'none', files: ['model.onnx'] },
  { algorithm: 'seasonal-naive', hyperparameters: {}, engine: 'none', files: ['model.onnx'] },
  { algorithm: 'ridge', hyperparameters: {}, engine: 'closed-form', files: [...IMPORTANCE, 'model.onnx'] },
  {
    algorithm: 'lstm',
    hyperparameters: NETWORK,
    engine: 'tfjs-wasm',
    files: [...IMPORTANCE, 'loss.png', 'model.keras', 'model.onnx'],
  },
] as const)('a training of $algorithm in a worker thread', ({ algorithm, hyperparameters, engine, files }) => {
  let first: Trained;
  let second: Trained;

  beforeAll(async () => {
    const example = {
      algorithm,
      hyperparameters,
      adjust: { engine: algorithm === 'lstm' ? 'tfjs-wasm' : 'auto' },
    } as const;
    [first, second] = await Promise.all([train(host, example), train(host, example)]);
  }, 240_000);

  it('gives the model, its processing, scores and pictures', () => {
    const { result } = first;
    const names = result.artifacts.map(({ name }) => name).sort();
    expect(names).toEqual([...EVALUATION_FILES, 'model.json', 'processing.json', ...files].sort());
    expect(result).toMatchObject({
      engine,
      stopReason: 'completed',
      windows: { train: 381, validation: 85, test: 85 },
    });

    const model = artifactOf(result, 'model.json').content;
    expect(createHash('sha256').update(model).digest('hex')).toBe(result.modelSha256);
    expect(decodeModelState(model)).toMatchObject({
      algorithm,
      lookBack: 24,
      horizon: 6,
      inputs: ['north', 'south'],
      targets: ['north', 'south'],
    });
    const report = JSON.parse(Buffer.from(artifactOf(result, 'report.json').content).toString()) as EvaluationReport;
    expect(report).toEqual(result.report);
    expect(report.test?.windows).toBe(85);
    expect(report.test?.perStep).toHaveLength(6);
    expect(Number.isFinite(report.test?.model.scaled.mae)).toBe(true);
    const card = Buffer.from(artifactOf(result, 'model-card.md').content).toString();
    expect(card).toContain('- Forecast: north, south\n');
    expect(card).toContain(`- SHA-256 of model.json: ${result.modelSha256}\n`);
    const png = Buffer.from(artifactOf(result, 'forecast.png').content);
    expect(png.subarray(1, 4).toString()).toBe('PNG');
  });

  it('says how far it is, step by step, without going back', () => {
    const progress = progressOf(first.news);
    const steps = ['windows', 'training', 'evaluating', 'drawing', 'exporting'];
    expect([...new Set(progress.map(({ step }) => step))]).toEqual(steps);
    const percents = progress.map(({ percent }) => percent);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(percents.at(-1)).toBe(100);
    expect(progress.at(-1)).toMatchObject(
      algorithm === 'lstm' ? { epoch: 3, epochs: 3 } : { epoch: null, epochs: null },
    );
  });

  it('gives the same bytes again', () => {
    expect(digestsOf(second.result)).toEqual(digestsOf(first.result));
    expect({ ...second.result, artifacts: [] }).toEqual({ ...first.result, artifacts: [] });
  });

  it('tells people rows, gaps, windows, engine and skill', () => {
    const said = logsOf(first.news).join('\n');
    expect(said).toContain(
      'Windows of 24 rows that forecast 6: 381 train, 85 validation, 85 test; 2 inputs, 2 targets',
    );
    expect(said).toContain('south: 3 filled, 10 masked');
    expect(said).toContain('Season of the seasonal-naive baseline: 24 rows');
    expect(said).toContain(`Trained with engine ${engine}: loss `);
    if (algorithm === 'ridge')
      expect(said).toMatch(/Lambda \d.*\n[^]*Test: skill \d+\.\d % against naive \(p < 0\.001\), \d+\.\d %/);
    if (algorithm === 'naive') expect(said).toContain('Test: the model has no skill: 0.0 % against naive');
  });
});

describe('a training that does not do what its template says', () => {
  it('warns of features that the algorithm does not read', async () => {
    const plan = examplePlan((builder) => builder.feature('sma', { window: 3 }).feature('calendar'));
    const { news } = await train(host, { algorithm: 'seasonal-naive', plan });
    expect(logsOf(news, 'warn').join('\n')).toContain(
      "Algorithm seasonal-naive reads the targets' own series only: the feature steps sma, calendar of the template do not change its forecast",
    );
  }, 240_000);

  it('fails with the code of what is wrong with the series', async () => {
    const frames = exampleFrames(40);
    await expect(train(host, { algorithm: 'naive', frames })).rejects.toMatchObject({
      code: 'SERIES_TOO_SHORT',
      details: { part: 'train', rows: 28, needed: 30 },
    });
  });

  it('fails with the code of what is wrong with the parameters', async () => {
    const training = train(host, { algorithm: 'seasonal-naive', hyperparameters: { seasonLength: 100 } });
    await expect(training).rejects.toMatchObject({
      name: 'TrainyardError',
      code: 'PARAMETER_INVALID',
      details: { path: 'windows.lookBack', value: 24, minimum: 100 },
    });
  });
});
