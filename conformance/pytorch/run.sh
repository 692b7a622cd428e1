#!/usr/bin/env bash
# Repeats trainings of our onnx engine in PyTorch (PyPI) with double precision: losses by epoch, within 1e-6 relative.
# Run by hand, not by .ci/run: PyPI's wheel for Linux brings CUDA's libraries, about 5 GB unpacked; none of them is used.
set -euo pipefail
cd "$(dirname "$0")/../.."

cache="${XDG_CACHE_HOME:-$HOME/.cache}/trainyard/torch-2.13"
if [ ! -x "$cache/bin/python" ] || ! "$cache/bin/python" -c 'import torch' 2>/dev/null; then
  rm -rf "$cache"
  python3 -m venv "$cache"
  "$cache/bin/pip" install --quiet --no-cache-dir --disable-pip-version-check -r conformance/pytorch/requirements.txt
fi

directory="$(mktemp -d)"
trap 'rm -rf "$directory"' EXIT
npm run build --silent
node conformance/pytorch/train.mjs "$directory"
"$cache/bin/python" conformance/pytorch/check.py "$directory"
