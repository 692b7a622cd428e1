#!/usr/bin/env bash
# Checks ONNX files of ours with the onnx package, and runs them with onnxruntime for Python (both PyPI).
set -euo pipefail
cd "$(dirname "$0")/../.."

cache="${XDG_CACHE_HOME:-$HOME/.cache}/trainyard/onnx-1.23"
if [ ! -x "$cache/bin/python" ] || ! "$cache/bin/python" -c 'import onnx, onnxruntime' 2>/dev/null; then
  rm -rf "$cache"
  python3 -m venv "$cache"
  "$cache/bin/pip" install --quiet --disable-pip-version-check -r conformance/onnx/requirements.txt
fi

directory="$(mktemp -d)"
trap 'rm -rf "$directory"' EXIT
npm run build --silent
node conformance/onnx/make-models.mjs "$directory"
"$cache/bin/python" conformance/onnx/check.py "$directory"
