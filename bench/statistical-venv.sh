#!/bin/sh
# A Python with the peer of bench/statistical.mjs: `bench/statistical-venv.sh <folder>`, then
# `node bench/statistical.mjs <folder>/bin/python`.
set -eu
python3 -m venv "${1:?usage: bench/statistical-venv.sh <folder>}"
"$1/bin/pip" install --quiet 'statsforecast==2.1.*'
