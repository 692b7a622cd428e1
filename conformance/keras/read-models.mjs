// Reads each NAME.keras that Keras saved in a directory, runs it on our engine and compares with Keras' own NAME.json.
//   node conformance/keras/read-models.mjs DIRECTORY
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEngine } from '../../dist/ml/engine/open-engine.js';
import { readKeras } from '../../dist/ml/export/keras-reader.js';

const TOLERANCE = 1e-5;
const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: node conformance/keras/read-models.mjs DIRECTORY');
const engine = await openEngine('auto');

async function difference(name) {
  const { input, output } = JSON.parse(readFileSync(join(directory, name.replace(/\.keras$/, '.json')), 'utf8'));
  const { architecture, weights } = await readKeras(readFileSync(join(directory, name)));
  const runner = await engine.open(architecture, weights, null);
  const predicted = await runner.predict([Float32Array.from(input.data)], input.shape[0]);
  await runner.dispose();
  if (predicted.length !== output.data.length)
    throw new Error(`${predicted.length} numbers, not ${output.data.length}`);
  return output.data.reduce((worst, value, at) => Math.max(worst, Math.abs(value - predicted[at])), 0);
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
console.log(`${passed} read and equal, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
