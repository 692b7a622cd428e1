#!/usr/bin/env bash
# Parquet files of Apache Arrow through the service, and the service's exports through pandas and Arrow (PyPI): equal doubles.
set -euo pipefail
cd "$(dirname "$0")/../.."

cache="${XDG_CACHE_HOME:-$HOME/.cache}/trainyard/arrow-26"
if [ ! -x "$cache/bin/python" ] || ! "$cache/bin/python" -c 'import pandas, pyarrow, tzdata' 2>/dev/null; then
  rm -rf "$cache"
  python3 -m venv "$cache"
  "$cache/bin/pip" install --quiet --disable-pip-version-check -r conformance/parquet/requirements.txt
fi

npm run build --silent
node conformance/parquet/with-service.mjs "$cache/bin/python" conformance/parquet/compare.py
