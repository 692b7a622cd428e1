#!/usr/bin/env bash
# Loads .keras files of ours in real Keras (PyPI) and compares its predictions with ours, and the other way round;
# models that Keras trained are imported, and forecast what Keras predicts.
#   conformance/keras/run.sh [DIRECTORY]   with a directory: only the files already in it (NAME.keras + NAME.json)
set -euo pipefail
cd "$(dirname "$0")/../.."

. conformance/python.sh
python="$(python_with keras-3.15 'keras, tensorflow' conformance/keras/requirements.txt)"

if [ $# -gt 0 ]; then
  exec "$python" conformance/keras/compare.py "$1"
fi
directory="$(mktemp -d)"
trap 'rm -rf "$directory"' EXIT
npm run build --silent
mkdir "$directory/ours" "$directory/theirs" "$directory/trained"
node conformance/keras/make-models.mjs "$directory/ours"
"$python" conformance/keras/compare.py "$directory/ours"
"$python" conformance/keras/save_models.py "$directory/theirs"
node conformance/keras/read-models.mjs "$directory/theirs"
"$python" conformance/keras/train_for_import.py "$directory/trained"
node conformance/keras/import-models.mjs "$directory/trained"
