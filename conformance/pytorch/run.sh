#!/usr/bin/env bash
# Repeats trainings of our onnx engine in PyTorch (PyPI) with double precision: losses by epoch, within 1e-6 relative.
# Run by hand, not by .ci/run: PyPI's wheel for Linux brings CUDA's libraries, about 5 GB unpacked; none of them is used.
set -euo pipefail
cd "$(dirname "$0")/../.."

. conformance/python.sh
python="$(python_with torch-2.13 'torch' conformance/pytorch/requirements.txt --no-cache-dir)"

directory="$(mktemp -d)"
trap 'rm -rf "$directory"' EXIT
npm run build --silent
node conformance/pytorch/train.mjs "$directory"
"$python" conformance/pytorch/check.py "$directory"
