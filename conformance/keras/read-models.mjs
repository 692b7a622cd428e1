// Reads each NAME.keras that Keras saved in a directory, runs it on our engine and compares with Keras' own NAME.json.
//   node conformance/keras/read-models.mjs DIRECTORY
import { openEngine } from '../../dist/ml/engine/open-engine.js';
import { readKeras } from '../../dist/ml/export/keras-reader.js';
import { compareFiles, largestDifference } from '../compare-files.mjs';

const engine = await openEngine('auto');

await compareFiles('.keras', 'read', async ({ input, output }, content) => {
  const { architecture, weights } = await readKeras(content);
  const runner = await engine.open(architecture, weights, null);
  const predicted = await runner.predict([Float32Array.from(input.data)], input.shape[0]);
  await runner.dispose();
  return largestDifference(predicted, output.data);
});
