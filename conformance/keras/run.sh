#!/usr/bin/env bash
# Loads .keras files of ours in real Keras (PyPI) and compares its predictions with ours, and the other way round.
#   conformance/keras/run.sh [DIRECTORY]   with a directory: only the files already in it (NAME.keras + NAME.json)
set -euo pipefail
cd "$(dirname "$0")/../.."

cache="${XDG_CACHE_HOME:-$HOME/.cache}/trainyard/keras-3.15"
if [ ! -x "$cache/bin/python" ] || ! "$cache/bin/python" -c 'import keras, tensorflow' 2>/dev/null; then
  rm -rf "$cache"
  python3 -m venv "$cache"
  "$cache/bin/pip" install --quiet --disable-pip-version-check -r conformance/keras/requirements.txt
fi

if [ $# -gt 0 ]; then
  exec "$cache/bin/python" conformance/keras/compare.py "$1"
fi
directory="$(mktemp -d)"
trap 'rm -rf "$directory"' EXIT
npm run build --silent
mkdir "$directory/ours" "$directory/theirs"
node conformance/keras/make-models.mjs "$directory/ours"
"$cache/bin/python" conformance/keras/compare.py "$directory/ours"
"$cache/bin/python" conformance/keras/save_models.py "$directory/theirs"
node conformance/keras/read-models.mjs "$directory/theirs"
