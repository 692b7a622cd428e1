// Trains algorithms for check.py: NAME.onnx, and NAME.json with windows and what our own forecaster makes of them.
//   node conformance/onnx/make-models.mjs DIRECTORY
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALGORITHMS, getAlgorithm } from '../../dist/ml/algorithms/algorithms.js';
import { createRandom } from '../../dist/ml/engine/random.js';
import { onnxModelOf, whyNoOnnx } from '../../dist/ml/export/onnx-file.js';
import { resolveParameters } from '../../dist/ml/resolve-parameters.js';
import { quietContext } from '../quiet-context.mjs';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: node conformance/onnx/make-models.mjs DIRECTORY');
const random = createRandom(7);
const ROWS = 220;
const LOOK_BACK = 14;
const HORIZON = 4;

/** Of single precision, as the inputs of a file are: a tree may part numbers that are nearer to each other. */
const column = (rows, of) => Float64Array.from({ length: rows }, (_, t) => Math.fround(of(t)));
const load = column(ROWS + HORIZON, () => random.normal());
const series = [0, 3].map((phase) =>
  column(ROWS, (t) => Math.sin((t + phase) / 2) + t / 60 + 0.5 * load[t] + 0.2 * random.normal()),
);
const noise = () => column(ROWS, () => random.normal());
const origins = (from, to) => Int32Array.from({ length: to - from }, (_, at) => from + at);
const data = {
  times: column(ROWS, (t) => t * 3_600_000),
  lookBack: LOOK_BACK,
  horizon: HORIZON,
  seasonLength: 12,
  inputs: {
    names: ['a', 'b', 'a_RSI', 'b_RSI', 'hour'],
    assets: ['a', 'b', 'a', 'b', null],
    columns: [...series, noise(), noise(), column(ROWS, (t) => (t % 24) / 24)],
  },
  future: { names: ['load'], columns: [load] },
  // Targets scaled otherwise than inputs, and in another order.
  targets: {
    names: ['b', 'a'],
    columns: [series[1].map((value) => 2 * value - 1), series[0].map((value) => 0.5 * value)],
    original: [series[1], series[0]],
    observed: [new Uint8Array(ROWS).fill(1), new Uint8Array(ROWS).fill(1)],
    inputs: [1, 0],
  },
  origins: { train: origins(LOOK_BACK - 1, 140), validation: origins(146, 170), test: origins(176, 187) },
};

/** Layers of one's own: convolution, then a vector of all steps. */
const topology = (outputs) =>
  JSON.stringify({
    class_name: 'Sequential',
    config: {
      layers: [
        {
          class_name: 'Conv1D',
          config: { name: 'near', filters: 4, kernel_size: [3], padding: 'causal', activation: 'relu' },
        },
        { class_name: 'Flatten', config: { name: 'flat' } },
        { class_name: 'Dense', config: { name: 'steps', units: HORIZON * outputs } },
      ],
    },
  });

/** Algorithms that read covariates also without being asked to. */
const isWithFuture = ({ name }) => name === 'ridge';

async function write(name, algorithm, given = {}, { withFuture = isWithFuture(algorithm), directions, levels } = {}) {
  const { future, ...without } = data;
  const used = { ...(withFuture ? data : without), ...(directions && { directions }) };
  const patches = 'patchLength' in algorithm.hyperparameters ? { patchLength: 4, stride: 2 } : {};
  const layers = 'topology' in algorithm.hyperparameters ? { topology: topology(directions ? 6 : 2) } : {};
  const short = 'epochs' in algorithm.hyperparameters ? { epochs: 2, ...patches, ...layers } : {};
  const parameters = resolveParameters(algorithm.hyperparameters, { ...short, ...given }, 'hyperparameters');
  const { model } = await algorithm.fit(used, parameters, quietContext);
  const file = onnxModelOf(model);
  if (file === null) return console.log(`no file of ${name}: ${whyNoOnnx(model)}`);
  const forecaster = await algorithm.restore(model);
  const known = withFuture ? future : undefined;
  const asked = [data.inputs, data.origins.test];
  const outputs = {};
  const shape = [HORIZON, data.targets.names.length];
  if (directions) {
    outputs.probabilities = {
      shape: [...shape, 3],
      values: [...(await forecaster.classProbabilities(...asked, known))],
    };
  } else {
    outputs.forecast = { shape, values: [...(await forecaster.forecast(...asked, known))] };
  }
  if (levels) {
    const quantiles = await forecaster.forecastQuantiles(...asked, levels, known);
    outputs.quantiles = { shape: [...shape, levels.length], values: [...quantiles] };
  }
  forecaster.dispose();
  const table = (columns, first, length) =>
    [...data.origins.test].map((origin) =>
      Array.from({ length }, (_, at) => columns.map((values) => values[origin + first + at])),
    );
  const inputs = {
    window: table(data.inputs.columns, 1 - LOOK_BACK, LOOK_BACK),
    known_future: table(future.columns, 1 - LOOK_BACK, LOOK_BACK + HORIZON),
  };
  writeFileSync(join(directory, `${name}.onnx`), file);
  writeFileSync(join(directory, `${name}.json`), JSON.stringify({ inputs, outputs }));
  console.log(`made ${name}: ${file.length} bytes`);
}

for (const algorithm of ALGORITHMS) {
  // An ensemble combines finished models, and an import needs a file; there are none here.
  if (algorithm.supportsForecast !== false && !algorithm.combines && !algorithm.imports)
    await write(algorithm.name, algorithm);
}
const changeLimits = Array.from({ length: HORIZON }, (_, at) => 0.2 * Math.sqrt(at + 1));
const directions = { threshold: 0.2, limits: [changeLimits, changeLimits] };
for (const algorithm of ALGORITHMS.filter(({ supportsDirection }) => supportsDirection)) {
  await write(`${algorithm.name}-directions`, algorithm, {}, { directions });
}
const ridge = getAlgorithm('ridge');
await write('ridge-features', ridge, { exogenous: 'origin', knownFuture: 'none' });
await write('ridge-per-target', ridge, { shared: false, exogenous: 'origin', knownFuture: 'per-step' });
await write('ridge-covariates', ridge, { knownFuture: 'shared', normalisation: 'none' });
await write('lstm-one-for-all', getAlgorithm('lstm'), { channels: 'shared', units: [6, 5] });
await write('lstm-covariates', getAlgorithm('lstm'), {}, { withFuture: true });
await write('mlp-covariates-one-for-all', getAlgorithm('mlp'), { channels: 'shared' }, { withFuture: true });
const levels = [0.1, 0.4, 0.9];
await write('gru-quantiles', getAlgorithm('gru'), { loss: 'quantile', quantileLevels: levels }, { levels });
await write('tcn-gaussian', getAlgorithm('tcn'), { loss: 'gaussian' });
await write('mlp-student-t', getAlgorithm('mlp'), { loss: 'student-t' });
const boosting = getAlgorithm('boosting');
await write('boosting-covariates', boosting, { shared: false }, { withFuture: true });
await write('boosting-quantiles', boosting, { loss: 'quantile', levels }, { levels });
await write('boosting-recursive', boosting, { strategy: 'recursive' });
await write('boosting-directions-covariates', boosting, {}, { directions, withFuture: true });
await write('logistic-directions-covariates', getAlgorithm('logistic'), {}, { directions, withFuture: true });
