#!/bin/sh
# A Python with the peers of bench/engine.mjs: `bench/engine-venv.sh <folder>`, then
# `node bench/engine.mjs <folder>/bin/python`.
set -eu
python3 -m venv "${1:?usage: bench/engine-venv.sh <folder>}"
"$1/bin/pip" install --quiet torch jax numpy
