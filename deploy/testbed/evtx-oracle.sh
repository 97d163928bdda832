#!/bin/sh
# Installs the reference EVTX parser (PyPI `evtx`, Rust) into .cache/evtx-oracle and prints the Python that has it.
# Exit 0: printed. Exit 69: no Python with venv, or the package cannot be had; the tests that compare with it are then skipped by name.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
home=${VONG_EVTX_ORACLE:-$root/.cache/evtx-oracle}
python=$home/bin/python
if ! [ -x "$python" ] || ! "$python" -c 'import evtx' 2>/dev/null; then
  command -v python3 >/dev/null || exit 69
  mkdir -p "$home"
  python3 -m venv "$home" >&2 || exit 69
  "$home/bin/pip" install --quiet --disable-pip-version-check 'evtx==0.14.0' >&2 || exit 69
fi
echo "$python"
