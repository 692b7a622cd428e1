#!/usr/bin/env bash
# Builds tfjs-node against a real libtensorflow (that of PyPI's tensorflow-cpu) and holds the engine tfjs-node natively to
# the contracts of engines and of tfjs-layers, and to check.mjs. Needs g++ and Node's headers.
# The checkout is left as it is: what is tested is a copy of the build with a package of its own.
set -euo pipefail
cd "$(dirname "$0")/../.."

. conformance/python.sh
python="$(python_with keras-3.15 'keras, tensorflow' conformance/keras/requirements.txt)"

tree="$(mktemp -d)"
trap 'rm -rf "$tree"' EXIT
npm run build --silent
cp -r dist test conformance package.json jest.config.js "$tree"
mkdir -p "$tree/node_modules/@tensorflow"
for package in node_modules/* node_modules/@tensorflow/*; do
  case "$package" in
    */@tensorflow) ;;
    */tfjs-node) cp -r "$package" "$tree/$package" ;;
    *) ln -s "$(realpath "$package")" "$tree/$package" ;;
  esac
done
scripts/build-tfjs-node.sh "$python" "$tree/node_modules/@tensorflow/tfjs-node"

# TensorFlow greets on standard error.
export TF_CPP_MIN_LOG_LEVEL=2 TRAINYARD_TEST_TFJS=tfjs-node
root="$PWD"
cd "$tree"
# Patient: on a machine that does other work a native fit of two seconds has taken minutes.
jest() {
  NODE_OPTIONS='--experimental-vm-modules --no-warnings' node node_modules/jest/bin/jest.js \
    --maxWorkers=1 --testTimeout=900000 "$@"
}
jest test/unit/ml/engine/network-runner.test.ts test/unit/ml/algorithms/tfjs-layers.test.ts
jest test/contract/{algorithms,known-future,directions}.test.ts -t tfjs-layers
jest test/e2e/tfjs-layers.test.ts
node conformance/tfjs-node/check.mjs "$root"
