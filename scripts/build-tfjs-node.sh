#!/usr/bin/env bash
# Builds the native addon of @tensorflow/tfjs-node from the package's own sources, against the headers and libraries that
# TensorFlow for Python carries: for networks that block the host its install script downloads from. Linux only.
#   scripts/build-tfjs-node.sh PYTHON [PACKAGE]   PYTHON has tensorflow-cpu installed, and must stay where it is: the
#                                                 addon loads its libraries. PACKAGE: node_modules/@tensorflow/tfjs-node
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
  echo "build-tfjs-node: $1" >&2
  exit 1
}
python="${1:-}" package="${2:-node_modules/@tensorflow/tfjs-node}"
[ -n "$python" ] || fail 'usage: scripts/build-tfjs-node.sh PYTHON [PACKAGE]'
[ "$(uname -s)" = Linux ] || fail "$(uname -s) is not supported: only Linux is"
compiler="${CXX:-g++}"
command -v "$compiler" >/dev/null || fail "$compiler is missing: install a C++17 compiler (g++), or name one in CXX"
[ -f "$package/binding/tfjs_backend.cc" ] || fail "no sources in $package: run npm ci without --omit=optional"
headers="$(node -p 'require("node:path").resolve(process.execPath, "../../include/node")')"
[ -f "$headers/node_api.h" ] || fail "no node_api.h in $headers: install the headers of Node $(node -v)"
# Found, not imported: importing takes seconds.
tensorflow="$("$python" -c '
from importlib.util import find_spec
spec = find_spec("tensorflow")
print(spec.submodule_search_locations[0] if spec else "")')" || fail "$python does not run"
[ -f "$tensorflow/libtensorflow_cc.so.2" ] || fail "$python has no TensorFlow: install tensorflow-cpu with its pip"

# Where the package will look for it, which depends on the versions of Node-API that it and this Node know.
addon="$(node -e '
const { resolve } = require("node:path");
const described = resolve(process.argv[1], "package.json");
const { createRequire } = require("node:module");
console.log(createRequire(described)("@mapbox/node-pre-gyp").find(described));' "$package")"
version="$(sed -E 's/.*napi-v([0-9]+).*/\1/' <<<"$addon")"
mkdir -p "$(dirname "$addon")"
"$compiler" -std=c++17 -O2 -fPIC -shared -pthread "-DNAPI_VERSION=$version" -DNODE_GYP_MODULE_NAME=tfjs_binding \
  "-I$headers" "-I$tensorflow/include" "$package"/binding/*.cc -o "$addon.new" \
  "-L$tensorflow" -l:libtensorflow_cc.so.2 -l:libtensorflow_framework.so.2 "-Wl,-rpath,$tensorflow"
# Whole or not at all.
mv "$addon.new" "$addon"
echo "built $addon"
