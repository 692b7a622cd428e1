#!/usr/bin/env bash
# Parquet files of Apache Arrow through the service, and the service's exports through pandas and Arrow (PyPI): equal doubles.
set -euo pipefail
cd "$(dirname "$0")/../.."

. conformance/python.sh
python="$(python_with arrow-26 'pandas, pyarrow, tzdata' conformance/parquet/requirements.txt)"

npm run build --silent
PYTHONPATH=conformance node conformance/with-service.mjs "$python" conformance/parquet/compare.py
