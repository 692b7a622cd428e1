import { Worker } from 'node:worker_threads';

/** The engine in a thread of its own, as a training runs it; the sum of a fixed prediction comes back. */
const code = `
  import { parentPort, workerData } from 'node:worker_threads';
  const load = (name) => import(new URL(name, workerData.base).href);
  const { openEngine } = await load('open-engine.js');
  const { initialWeights } = await load('initial-weights.js');
  const { networkGraph } = await load('network-graph.js');
  const { createRandom } = await load('random.js');
  const architecture = { name: 'net', inputs: [{ name: 'x', shape: [3, 2] }], outputs: ['h'], layers: [
    { type: 'LSTM', name: 'l', config: { units: 4 } }, { type: 'Dense', name: 'h', config: { units: 2 } }] };
  const engine = await openEngine(workerData.engine);
  const runner = await engine.open(architecture, initialWeights(networkGraph(architecture), createRandom(1)), null);
  parentPort.postMessage({ engine: engine.name, output: await runner.predict([new Float32Array(6).fill(0.5)], 1) });
`;

test.each(['onnx', 'onnx-web', 'tfjs-wasm'])('two threads run %s at once and get the same bytes', async (name) => {
  const base = new URL('../../../../dist/ml/engine/', import.meta.url).href;
  const answers = await Promise.all(
    [1, 2].map(
      () =>
        new Promise<{ engine: string; output: Float32Array }>((resolve, reject) => {
          const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
          const worker = new Worker(url, { workerData: { base, engine: name } });
          worker.once('message', resolve);
          worker.once('error', reject);
        }),
    ),
  );
  expect(answers[0]!.engine).toBe(name);
  expect(answers[0]!.output).toHaveLength(2);
  expect(answers[0]!.output[0]).not.toBe(0);
  expect(answers[1]).toEqual(answers[0]);
});
