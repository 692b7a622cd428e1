// Imports each NAME.onnx of a directory, made by the onnx package, by the algorithm `imported`, and compares its forecasts
// with what the package's own evaluator made of the same windows, in NAME.json.
//   node conformance/onnx/import-models.mjs DIRECTORY
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getAlgorithm } from '../../dist/ml/algorithms/algorithms.js';
import { resolveParameters } from '../../dist/ml/resolve-parameters.js';
import { quietContext } from '../quiet-context.mjs';

const TOLERANCE = 1e-5;
const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: node conformance/onnx/import-models.mjs DIRECTORY');
const imported = getAlgorithm('imported');

async function difference(name) {
  const told = JSON.parse(readFileSync(join(directory, name.replace(/\.onnx$/, '.json')), 'utf8'));
  const { lookBack, horizon, targets: count, expected } = told;
  const names = told.series.map((_, at) => `series${at + 1}`);
  const columns = told.series.map((numbers) => Float64Array.from(numbers));
  const origins = Int32Array.from(told.origins);
  const targets = columns.slice(0, count);
  const data = {
    times: Float64Array.from(columns[0], (_, row) => row * 3_600_000),
    lookBack,
    horizon,
    seasonLength: 1,
    inputs: { names, assets: names, columns },
    targets: {
      names: names.slice(0, count),
      columns: targets,
      observed: targets.map((column) => new Uint8Array(column.length).fill(1)),
      inputs: targets.map((_, at) => at),
    },
    origins: { train: origins, validation: new Int32Array(0), test: new Int32Array(0) },
  };
  const none = { offset: 0, range: 1 };
  const content = new Uint8Array(readFileSync(join(directory, name)));
  const modelFile = { content, inputs: names.map(() => none), targets: targets.map(() => none) };
  const parameters = resolveParameters(imported.hyperparameters, {}, 'hyperparameters');
  const { model } = await imported.fit(data, parameters, { ...quietContext, modelFile });
  const forecaster = await imported.restore(model);
  const forecasts = await forecaster.forecast(data.inputs, origins);
  forecaster.dispose();
  if (forecasts.length !== expected.length) throw new Error(`${forecasts.length} numbers, not ${expected.length}`);
  return expected.reduce((worst, value, at) => Math.max(worst, Math.abs(forecasts[at] - value)), 0);
}

let passed = 0;
let failed = 0;
for (const name of readdirSync(directory).filter((file) => file.endsWith('.onnx'))) {
  let finding;
  try {
    const worst = await difference(name);
    finding = `${worst <= TOLERANCE ? 'ok  ' : 'FAIL'} ${name}: largest difference ${worst.toExponential(2)}`;
  } catch (error) {
    finding = `FAIL ${name}: ${error.message}`;
  }
  console.log(finding);
  if (finding.startsWith('ok')) passed++;
  else failed++;
}
console.log(`${passed} imported and equal, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
