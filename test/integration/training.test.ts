import { createHash } from 'node:crypto';
import type { EvaluationReport } from '#src/ml/evaluation/evaluation-report.js';
import { decodeModelState } from '#src/ml/export/model-state-codec.js';
import { TrainingHost } from '#src/training/training-host.js';
import {
  artifactOf,
  exampleFrames,
  examplePlan,
  logsOf,
  progressOf,
  train,
  type ExampleJob,
} from '../support/training-example.js';

const host = new TrainingHost();
afterAll(() => host.close());

const CLOSED_FORM = ['naive', 'seasonal-naive', 'ridge'] as const;

function bytesOf(value: Uint8Array): string {
  return createHash('sha256').update(value).digest('hex');
}

describe.each<ExampleJob>(CLOSED_FORM.map((algorithm) => ({ algorithm })))(
  'a training of $algorithm in a worker thread',
  (example) => {
    it('gives the model, its processing, scores and pictures', async () => {
      const { result, news } = await train(host, example);
      const names = result.artifacts.map(({ name }) => name).sort();
      expect(names).toEqual(['forecast.png', 'model.json', 'processing.json', 'report.json']);

      const model = artifactOf(result, 'model.json').content;
      expect(bytesOf(model)).toBe(result.modelSha256);
      expect(decodeModelState(model)).toMatchObject({
        algorithm: example.algorithm,
        lookBack: 24,
        horizon: 6,
        targets: ['north', 'south'],
      });
      const report = JSON.parse(Buffer.from(artifactOf(result, 'report.json').content).toString()) as EvaluationReport;
      expect(report).toEqual(JSON.parse(JSON.stringify(result.report)));
      expect(report.test?.windows).toBe(result.windows.test);
      expect(report.test?.perStep).toHaveLength(6);
      expect(Number.isFinite(report.test?.model.scaled.mae)).toBe(true);
      const png = Buffer.from(artifactOf(result, 'forecast.png').content);
      expect(png.subarray(1, 4).toString()).toBe('PNG');

      const steps = progressOf(news).map(({ step }) => step);
      expect([...new Set(steps)]).toEqual(['windows', 'training', 'evaluating', 'drawing', 'exporting']);
      const percents = progressOf(news).map(({ percent }) => percent);
      expect(percents).toEqual([...percents].sort((a, b) => a - b));
      expect(percents.at(-1)).toBe(100);
    });

    it('gives the same bytes again', async () => {
      const [first, second] = await Promise.all([train(host, example), train(host, example)]);
      const deterministic = first.result.artifacts.map(({ name, content }) => [name, bytesOf(content)]);
      expect(second.result.artifacts.map(({ name, content }) => [name, bytesOf(content)])).toEqual(deterministic);
      expect(second.result).toEqual(first.result);
    });
  },
);

describe('what a training says', () => {
  it('tells rows, gaps, windows, engine and skill', async () => {
    const { result, news } = await train(host, { algorithm: 'ridge' });
    const info = logsOf(news, 'info').join('\n');
    expect(info).toContain('Windows of 24 rows that forecast 6: ');
    expect(info).toContain(`${result.windows.train} train, ${result.windows.validation} validation`);
    expect(info).toContain('south: 3 filled, 10 masked');
    expect(info).toContain('Season of the seasonal-naive baseline: 24 rows');
    expect(info).toContain('engine closed-form');
    expect(info).toMatch(/Lambda \d/);
    expect(info).toMatch(/Test: skill \d+\.\d % against naive, \d+\.\d % against seasonal naive/);
    expect(result.report.test?.hasSkill).toBe(true);
  });

  it('says so when the model has no skill', async () => {
    const { news } = await train(host, { algorithm: 'naive' });
    expect(logsOf(news, 'warn').join('\n')).toContain('Test: the model has no skill: 0.0 % against naive');
  });

  it('warns of features that the algorithm does not read', async () => {
    const plan = examplePlan((builder) => builder.feature('sma', { window: 3 }).feature('calendar'));
    const { result, news } = await train(host, { algorithm: 'seasonal-naive', plan });
    expect(logsOf(news, 'warn').join('\n')).toContain(
      "Algorithm seasonal-naive reads the targets' own series only: the feature steps sma, calendar of the template do not change its forecast",
    );
    expect(result.engine).toBe('none');
  });
});

describe('a training that cannot succeed', () => {
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
