// Imports each NAME.keras that Keras trained in a directory by the algorithm `imported`, behind standard scores of the
// series, and compares its forecasts in original units with Keras' own predictions in NAME.json.
//   node conformance/keras/import-models.mjs DIRECTORY
import { getAlgorithm } from '../../dist/ml/algorithms/algorithms.js';
import { resolveParameters } from '../../dist/ml/resolve-parameters.js';
import { affineUnits } from '../../dist/ml/transforms/affine-chain.js';
import { applyChain, fitChain } from '../../dist/ml/transforms/transform-chain.js';
import { compareFiles, largestDifference } from '../compare-files.mjs';
import { quietContext } from '../quiet-context.mjs';

const imported = getAlgorithm('imported');

await compareFiles('.keras', 'imported', async (told, content) => {
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
  const modelFile = { content, inputs: units, targets: units };
  const parameters = resolveParameters(imported.hyperparameters, {}, 'hyperparameters');
  const { model } = await imported.fit(data, parameters, { ...quietContext, modelFile });
  const forecaster = await imported.restore(model);
  const forecasts = await forecaster.forecast(data.inputs, origins);
  forecaster.dispose();
  const own = forecasts.map((value, at) => value * units[at % names.length].range + units[at % names.length].offset);
  // Of the prediction, of 1 where it is smaller.
  return largestDifference(own, predicted, (one, value) => Math.abs(one - value) / Math.max(1, Math.abs(value)));
});
