// Takes out of node_modules what ONNX Runtime's packages carry for other platforms and for browsers: 380 MB of 430.
// For images and archives that run where they were built; `node scripts/prune-runtime.mjs [node_modules]`.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const modules = process.argv[2] ?? 'node_modules';

const native = join(modules, 'onnxruntime-node/bin/napi-v6');
for (const platform of readdirSync(native)) {
  for (const architecture of readdirSync(join(native, platform))) {
    if (platform === process.platform && architecture === process.arch) continue;
    rmSync(join(native, platform, architecture), { recursive: true });
  }
}

// What the entry for Node loads.
const KEPT = new Set([
  'ort.node.min.js',
  'ort.node.min.mjs',
  'ort-wasm-simd-threaded.mjs',
  'ort-wasm-simd-threaded.wasm',
]);
const web = join(modules, 'onnxruntime-web/dist');
for (const file of readdirSync(web)) if (!KEPT.has(file)) rmSync(join(web, file), { recursive: true });

if (!existsSync(join(native, process.platform, process.arch))) {
  process.stdout.write(
    `onnxruntime-node has no library for ${process.platform} ${process.arch}; onnx-web is what runs\n`,
  );
}
