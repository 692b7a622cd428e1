#!/usr/bin/env bash
# Checks ONNX files of ours with the onnx package, and runs them with onnxruntime for Python (both PyPI); files that the
# onnx package built are imported, and forecast what its own evaluator makes.
set -euo pipefail
cd "$(dirname "$0")/../.."

. conformance/python.sh
python="$(python_with onnx-1.23 'onnx, onnxruntime' conformance/onnx/requirements.txt)"

directory="$(mktemp -d)"
trap 'rm -rf "$directory"' EXIT
npm run build --silent
mkdir "$directory/ours" "$directory/theirs"
node conformance/onnx/make-models.mjs "$directory/ours"
"$python" conformance/onnx/check.py "$directory/ours"
"$python" conformance/onnx/make_imports.py "$directory/theirs"
node conformance/onnx/import-models.mjs "$directory/theirs"
