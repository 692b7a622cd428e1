#!/bin/sh
# A Python with the peers of bench/features.mjs: `bench/features-venv.sh <folder>`, then
# `node bench/features.mjs <folder>/bin/python`.
set -eu
python3 -m venv "${1:?usage: bench/features-venv.sh <folder>}"
"$1/bin/pip" install --quiet 'TA-Lib>=0.6' pandas numpy
