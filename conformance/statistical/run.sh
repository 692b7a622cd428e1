#!/usr/bin/env bash
# ETS, ARIMA and Theta beside statsmodels (PyPI) on series made by formula: likelihoods, parameters, forecasts.
set -euo pipefail
cd "$(dirname "$0")/../.."

cache="${XDG_CACHE_HOME:-$HOME/.cache}/trainyard/statsmodels-0.15"
if [ ! -x "$cache/bin/python" ] || ! "$cache/bin/python" -c 'import statsmodels.api' 2>/dev/null; then
  rm -rf "$cache"
  python3 -m venv "$cache"
  "$cache/bin/pip" install --quiet --disable-pip-version-check -r conformance/statistical/requirements.txt
fi

directory="$(mktemp -d)"
trap 'rm -rf "$directory"' EXIT
npm run build --silent
node conformance/statistical/fit-models.mjs "$directory/ours.json"
"$cache/bin/python" conformance/statistical/compare.py "$directory/ours.json"
