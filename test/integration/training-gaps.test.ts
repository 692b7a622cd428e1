import { openGapForecast, type GapClassifier } from '#src/ml/gaps/gap-classifier.js';
import { decodeModelState } from '#src/ml/export/model-state-codec.js';
import type { AssetFrame } from '#src/ml/frame/time-frame.js';
import { LoadedModel } from '#src/inference/loaded-model.js';
import type { ModelVersion } from '#src/registry/model.js';
import { MLRunner } from '#src/training/ml-runner.js';
import type { TrainingNews, TrainingResult } from '#src/training/worker/protocol.js';
import { artifactOf, exampleFrames, exampleJob, examplePlan, logsOf } from '../support/training-example.js';
import { seededUniform } from '../support/series.js';

/** Real: the runner with its pictures, and the model that serves. `north` lacks most nights; `south` has no large gap. */

function framesWithNights(): AssetFrame[] {
  const uniform = seededUniform(9);
  return exampleFrames(900).map(({ asset, assetClass, frame }) => {
    const values = frame.columns[0]!.map((value, row) => {
      const hour = new Date(frame.times[row]!).getUTCHours();
      return asset === 'north' && row > 0 && row < 897 && uniform() < (hour < 8 ? 0.9 : 0.05) ? NaN : value;
    });
    return { asset, assetClass, frame: { times: frame.times, names: ['value'], columns: [values] } };
  });
}

const plan = examplePlan((builder) => builder.gaps({ largeShare: 0.012, imputation: 'seasonal' }));
const frames = framesWithNights();

async function train(adjust: { gapClassifier: boolean }): Promise<{ result: TrainingResult; news: TrainingNews[] }> {
  const news: TrainingNews[] = [];
  const job = exampleJob({ algorithm: 'seasonal-naive', plan, frames, adjust });
  const result = await new MLRunner(job, {
    now: () => 0,
    isCancelled: () => false,
    breathe: () => Promise.resolve(),
    send: (one) => news.push(one),
  }).train();
  return { result, news };
}

describe('a training over a series with large gaps', () => {
  let result: TrainingResult;
  let news: TrainingNews[];
  beforeAll(async () => ({ result, news } = await train({ gapClassifier: true })));

  const classifierOf = (): GapClassifier =>
    JSON.parse(new TextDecoder().decode(artifactOf(result, 'gap-classifier.json').content)) as GapClassifier;

  it('keeps a classifier of the target that has some, and what it is worth', () => {
    expect(classifierOf().targets.map(({ asset }) => asset)).toEqual(['north']);
    const [evaluation] = result.report.gaps!;
    expect(result.report.gaps).toHaveLength(1);
    expect(evaluation!.later!.rows).toBe(270);
    expect(evaluation!.later!.auc).toBeGreaterThan(0.85);
    expect(evaluation!.later!.brier).toBeLessThan(0.6 * evaluation!.later!.baseBrier);
    const lines = logsOf(news).filter((line) => line.startsWith('Gap classifier'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^Gap classifier of north: AUC 0\.\d\d, base rate \d\d %, Brier 0\.\d{3} against 0\.\d{3} of the base rate on 270 later rows; from observed rows only, AUC 0\.\d\d, .* \(\d+ large gaps in the train part\)$/,
    );
  });

  it('gives each forecast step a gap probability: that of the classifier at the last row, and none where there is none', async () => {
    const classifier = classifierOf();
    const state = decodeModelState(artifactOf(result, 'model.json').content);
    const bundle = { version: {} as ModelVersion, state, fitted: result.fitted, gaps: classifier, intervals: null };
    const model = await LoadedModel.load(bundle);
    const { forecasts, origin } = await model.forecast(frames);
    model.dispose();
    const [north, south] = forecasts;
    expect(south!.gapProbability).toBeNull();
    const present = Uint8Array.from(frames[0]!.frame.columns[0]!, (value) => (Number.isNaN(value) ? 0 : 1));
    const expected = openGapForecast(classifier, 'north', present)!;
    expect(origin).toBe(frames[0]!.frame.times[899]);
    expect(north!.gapProbability).toEqual(
      north!.times.map((time, at) => expected({ origin: 899, step: at + 1 }, Date.parse(time))),
    );
    north!.gapProbability!.forEach((probability, at) => {
      const hour = new Date(north!.times[at]!).getUTCHours();
      if (hour < 8) expect(probability).toBeGreaterThan(0.5);
      else expect(probability).toBeLessThan(0.5);
    });
  });

  it('has nothing of it when it is switched off, and models without one forecast as before', async () => {
    const without = await train({ gapClassifier: false });
    expect(without.result.artifacts.map(({ name }) => name)).not.toContain('gap-classifier.json');
    expect(without.result.report.gaps).toBeUndefined();
    expect(without.result.modelSha256).toBe(result.modelSha256);
    const state = decodeModelState(artifactOf(without.result, 'model.json').content);
    const model = await LoadedModel.load({
      version: {} as ModelVersion,
      state,
      fitted: without.result.fitted,
      gaps: null,
      intervals: null,
    });
    const { forecasts } = await model.forecast(frames);
    model.dispose();
    expect(forecasts.map(({ gapProbability }) => gapProbability)).toEqual([null, null]);
  });
});
