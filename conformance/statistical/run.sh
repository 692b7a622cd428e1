#!/usr/bin/env bash
# ETS, ARIMA and Theta beside statsmodels (PyPI) on series made by formula: likelihoods, parameters, forecasts.
set -euo pipefail
cd "$(dirname "$0")/../.."

. conformance/python.sh
python="$(python_with statsmodels-0.15 'statsmodels.api' conformance/statistical/requirements.txt)"

directory="$(mktemp -d)"
trap 'rm -rf "$directory"' EXIT
npm run build --silent
node conformance/statistical/fit-models.mjs "$directory/ours.json"
"$python" conformance/statistical/compare.py "$directory/ours.json"
