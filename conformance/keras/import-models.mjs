// Imports each NAME.keras that Keras trained in a directory by the algorithm `imported`, behind standard scores of the
// series, and compares its forecasts in original units with Keras' own predictions in NAME.json.
//   node conformance/keras/import-models.mjs DIRECTORY
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getAlgorithm } from '../../dist/ml/algorithms/algorithms.js';
import { resolveParameters } from '../../dist/ml/resolve-parameters.js';
import { affineUnits } from '../../dist/ml/transforms/affine-chain.js';
import { applyChain, fitChain } from '../../dist/ml/transforms/transform-chain.js';
import { quietContext } from '../quiet-context.mjs';

/** Of the prediction, of 1 where it is smaller. */
const TOLERANCE = 1e-5;
const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: node conformance/keras/import-models.mjs DIRECTORY');
const imported = getAlgorithm('imported');

async function difference(name) {
  const told = JSON.parse(readFileSync(join(directory, name.replace(/\.keras$/, '.json')), 'utf8'));
  const { lookBack, horizon, predicted } = told;
  const names = told.series.map((_, at) => `series${at + 1}`);
  const times = Float64Array.from(told.series[0], (_, row) => row * 3_600_000);
  const values = told.series.map((numbers) => Float64Array.from(numbers));
  const chains = values.map((column, at) =>
    fitChain('standard', { times, values: column }, { seasonLength: 1, column: names[at] }),
  );
  const columns = values.map((column, at) => applyChain(chains[at], { times, values: column }));
  const origins = Int32Array.from(told.origins);
  const data = {
    times,
    lookBack,
    horizon,
    seasonLength: 1,
    inputs: { names, assets: names, columns },
    targets: {
      names,
      columns,
      observed: columns.map((column) => new Uint8Array(column.length).fill(1)),
      inputs: [0, 1],
    },
    origins: { train: origins, validation: new Int32Array(0), test: new Int32Array(0) },
  };
  const units = chains.map(affineUnits);
  const modelFile = { content: new Uint8Array(readFileSync(join(directory, name))), inputs: units, targets: units };
  const parameters = resolveParameters(imported.hyperparameters, {}, 'hyperparameters');
  const { model } = await imported.fit(data, parameters, { ...quietContext, modelFile });
  const forecaster = await imported.restore(model);
  const forecasts = await forecaster.forecast(data.inputs, origins);
  forecaster.dispose();
  if (forecasts.length !== predicted.length) throw new Error(`${forecasts.length} numbers, not ${predicted.length}`);
  return predicted.reduce((worst, value, at) => {
    const { offset, range } = units[at % names.length];
    const own = forecasts[at] * range + offset;
    return Math.max(worst, Math.abs(own - value) / Math.max(1, Math.abs(value)));
  }, 0);
}

let passed = 0;
let failed = 0;
for (const name of readdirSync(directory).filter((file) => file.endsWith('.keras'))) {
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
