// Imports each NAME.onnx of a directory, made by the onnx package, by the algorithm `imported`, and compares its forecasts
// with what the package's own evaluator made of the same windows, in NAME.json.
//   node conformance/onnx/import-models.mjs DIRECTORY
import { getAlgorithm } from '../../dist/ml/algorithms/algorithms.js';
import { resolveParameters } from '../../dist/ml/resolve-parameters.js';
import { compareFiles, largestDifference } from '../compare-files.mjs';
import { quietContext } from '../quiet-context.mjs';

const imported = getAlgorithm('imported');

await compareFiles('.onnx', 'imported', async (told, content) => {
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
  const modelFile = { content, inputs: names.map(() => none), targets: targets.map(() => none) };
  const parameters = resolveParameters(imported.hyperparameters, {}, 'hyperparameters');
  const { model } = await imported.fit(data, parameters, { ...quietContext, modelFile });
  const forecaster = await imported.restore(model);
  const forecasts = await forecaster.forecast(data.inputs, origins);
  forecaster.dispose();
  return largestDifference(forecasts, expected);
});
