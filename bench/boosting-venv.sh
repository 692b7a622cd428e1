#!/bin/sh
# A Python with the peer of bench/boosting.mjs: `bench/boosting-venv.sh <folder>`, then
# `node bench/boosting.mjs <folder>/bin/python`.
set -eu
python3 -m venv "${1:?usage: bench/boosting-venv.sh <folder>}"
"$1/bin/pip" install --quiet 'lightgbm==4.*' 'numpy'
