#!/usr/bin/env bash
# Checks ONNX files of ours with the onnx package, and runs them with onnxruntime for Python (both PyPI).
set -euo pipefail
cd "$(dirname "$0")/../.."

. conformance/python.sh
python="$(python_with onnx-1.23 'onnx, onnxruntime' conformance/onnx/requirements.txt)"

directory="$(mktemp -d)"
trap 'rm -rf "$directory"' EXIT
npm run build --silent
node conformance/onnx/make-models.mjs "$directory"
"$python" conformance/onnx/check.py "$directory"
