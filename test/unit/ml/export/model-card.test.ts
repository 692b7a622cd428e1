import { naive } from '#src/ml/algorithms/naive.js';
import { ridge } from '#src/ml/algorithms/ridge.js';
import type { EvaluationReport } from '#src/ml/evaluation/evaluation-report.js';
import { evaluateModel } from '#src/ml/evaluation/report.js';
import { modelCard, type ModelCardSubject } from '#src/ml/export/model-card.js';
import { fitProcessing } from '#src/ml/processing/fit-processing.js';
import { prepareFrames } from '#src/ml/processing/prepare-frames.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import { trainingContext } from '../../../support/synthetic-windows.js';
import { exampleFrames, examplePlan } from '../../../support/training-example.js';

/** A real training, small: two hourly stations with a season of a day; the second begins late. */
async function trained(algorithm = ridge): Promise<ModelCardSubject & { readonly report: EvaluationReport }> {
  const plan = examplePlan((builder) => builder.feature('sma', { window: 3 }));
  const { fitted, data } = fitProcessing(plan, prepareFrames(plan, exampleFrames()));
  const parameters = resolveParameters(algorithm.hyperparameters, {}, 'hyperparameters');
  const outcome = await algorithm.fit(data, parameters, trainingContext());
  const forecaster = await algorithm.restore(outcome.model);
  const evaluation = { isCancelled: () => false, breathe: async () => {}, onProgress() {} };
  const { report, intervals } = await evaluateModel(data, fitted, forecaster, evaluation, [0.8]);
  return {
    algorithm,
    model: outcome.model,
    modelSha256: 'c0ffee',
    summary: outcome,
    fitted,
    data,
    report,
    intervals,
    seed: 11,
    lineage: {
      template: { id: 'tpl_1', name: 'stations', version: 3 },
      dataset: { id: 'dts_1', name: 'weather', version: 2, sha256: 'beef' },
    },
    files: ['report.json', 'model.json'],
    noOnnx: null,
  };
}

let subject: ModelCardSubject & { readonly report: EvaluationReport };
beforeAll(async () => {
  subject = await trained();
});

it('tells data, parameters, scores beside baselines, coverage, limits and hashes', () => {
  const card = modelCard(subject);
  const { test } = subject.report;
  expect(card.split('\n').filter((line) => line.startsWith('#'))).toEqual([
    '# Ridge: north, south',
    '## Data',
    '## Training',
    '## Scores',
    `### Validation: 85 windows, ${subject.report.validation!.from} to ${subject.report.validation!.to}`,
    `### Test: 85 windows, ${test!.from} to ${test!.to}`,
    '## Intervals',
    '## Limits',
    '## Files',
  ]);
  expect(card).toContain('It has skill: on the test part it errs less than the naive and the seasonal naive forecast.');
  expect(card).toContain('- Dataset weather (dts\\_1), version 2, content SHA-256 beef\n');
  expect(card).toContain('- Template stations (tpl\\_1), version 3\n');
  expect(card).toContain('- Windows of 24 rows that forecast 6: 379 train, 85 validation, 85 test\n');
  expect(card).toContain('- Algorithm ridge, engine closed-form, seed 11\n');
  expect(card).toContain('| normalisation | last\\-value |\n');
  const skill = Math.round(100 * test!.skill.naive.mae!);
  expect(card).toMatch(
    new RegExp(`\\| naive \\| [\\d.]+ \\| [\\d.]+ \\| [\\d.]+ \\| ${skill} % \\(p < 0\\.001\\) \\|`),
  );
  const [scores] = test!.intervals!.overall;
  expect(card).toContain(`| 80 % | ${Number((100 * scores!.covered).toFixed(1))} % | `);
  expect(card).toContain('- Missing and masked, before a series begins or in gaps of more than ');
  expect(card).toContain('south 10 rows.');
  expect(card).toMatch(/has seen nothing after 2\d{3}-\d\d-\d\dT/);
  expect(card).toContain('- model\\.json, report\\.json\n- SHA-256 of model.json: c0ffee\n');
});

it('is the same text for the same training', async () => {
  expect(modelCard(await trained())).toBe(modelCard(subject));
});

it('says plainly what has no skill, was not scored, or is not read', async () => {
  const card = modelCard(await trained(naive));
  expect(card).toContain('**It has no skill**: on the test part a baseline forecasts as well');
  expect(card).toContain("the template's feature steps do not change it: sma.");
  expect(card).toContain('- No parameters\n');
  const unscored: EvaluationReport = { ...subject.report, validation: null, test: null };
  const alone = { ...subject };
  delete (alone as { lineage?: unknown }).lineage;
  const without = modelCard({ ...alone, report: unscored, intervals: null });
  expect(without).toContain('**Not scored**: neither the validation nor the test part');
  expect(without).toContain('## Intervals\n\n- None\n');
  expect(without).toContain('- There is no test part');
  expect(without).not.toContain('Dataset');
});

it.each([
  ['<img src=x onerror=alert(1)>', '\\<img src=x onerror=alert\\(1\\)\\>'],
  ['a|b', 'a\\|b'],
  ['[x](http://e)', '\\[x\\]\\(http\\://e\\)'],
  ['two\n# lines', 'two \\# lines'],
  ['`rm`*_~', '\\`rm\\`\\*\\_\\~'],
])('an asset named %j cannot write into the card', (asset, written) => {
  const targets = { ...subject.data.targets, names: [asset, 'south'] };
  const card = modelCard({ ...subject, data: { ...subject.data, targets } });
  expect(card).toContain(`- Forecast: ${written}, south\n`);
  expect(card).not.toContain(asset);
});

it('says why there is no ONNX file', () => {
  expect(modelCard(subject)).not.toContain('No model.onnx');
  expect(modelCard({ ...subject, noOnnx: 'its forecast is drawn' })).toContain(
    '- No model.onnx: its forecast is drawn\n- SHA-256 of model.json: c0ffee\n',
  );
});

it('names eight of many columns', () => {
  const names = Array.from({ length: 12 }, (_, n) => `c${n}`);
  const inputs = { names, columns: names.map(() => new Float64Array(0)) };
  expect(modelCard({ ...subject, data: { ...subject.data, inputs } })).toContain(
    '- Read: 12 columns of 2 assets: c0, c1, c2, c3, c4, c5, c6, c7 and 4 more\n',
  );
});
