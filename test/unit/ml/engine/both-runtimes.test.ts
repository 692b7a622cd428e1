import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const dist = (path: string): string =>
  fileURLToPath(new URL(`../../../../dist/ml/engine/onnx/${path}`, import.meta.url));

/** Opens the engines in this order in one thread, and lets each write 2x into a tensor of its own. */
const SCRIPT = `
import { encodeOnnxModel } from ${JSON.stringify(dist('onnx-model.js'))};
import { openSession } from ${JSON.stringify(dist('runtime.js'))};
const value = (name) => ({ name, shape: [3], type: 'float32' });
const node = { operator: 'Add', inputs: ['x', 'x'], outputs: ['y'], attributes: {}, captures: [] };
const model = encodeOnnxModel({ name: 'g', nodes: [node], initialisers: [], inputs: [value('x')], outputs: [value('y')] });
const written = {};
for (const engine of process.argv.slice(1)) {
  const session = await openSession(engine, model);
  const into = session.tensor(new Float32Array(3), [3]);
  await session.run({ x: session.tensor(Float32Array.of(1, 2, 3), [3]) }, { y: into });
  written[engine] = [...into.data];
}
console.log(JSON.stringify(written));
`;

test.each([
  ['onnx', 'onnx-web'],
  ['onnx-web', 'onnx'],
])('%s and then %s in one thread: each computes, and writes where it is told', async (...engines) => {
  const script = ['--input-type=module', '-e', SCRIPT, ...engines];
  const { stdout } = await promisify(execFile)(process.execPath, script);
  expect(JSON.parse(stdout)).toEqual({ onnx: [2, 4, 6], 'onnx-web': [2, 4, 6] });
});
