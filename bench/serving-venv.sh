#!/bin/sh
# A Python with the peer of bench/serving.mjs: `bench/serving-venv.sh <folder>`, then
# `node bench/serving.mjs <folder>/bin/python`.
set -eu
python3 -m venv "${1:?usage: bench/serving-venv.sh <folder>}"
"$1/bin/pip" install --quiet 'onnxruntime==1.*' 'fastapi' 'uvicorn[standard]' 'numpy'
