# Sourced by the lanes: a Python with packages from PyPI, made once for each version of their list.
#   python_with NAME MODULES REQUIREMENTS [PIP OPTION …]   prints the path of the interpreter

python_with() {
  local cache="${XDG_CACHE_HOME:-$HOME/.cache}/trainyard/$1" modules="$2" requirements="$3"
  shift 3
  if [ ! -x "$cache/bin/python" ] || ! "$cache/bin/python" -c "import $modules" 2>/dev/null; then
    rm -rf "$cache"
    python3 -m venv "$cache" >&2
    "$cache/bin/pip" install --quiet --disable-pip-version-check "$@" -r "$requirements" >&2
  fi
  echo "$cache/bin/python"
}
