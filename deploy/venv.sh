#!/usr/bin/env bash
# Makes .venv with the packages of a lock file: venv.sh PYTHON LOCK. Every package is checked against the lock's hashes.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1 lock=$2

if [ "$python" = none ]; then
  echo "Citizen Workspace needs Python 3.11 or newer, and this machine has none on PATH." >&2
  echo "Install it, or name it: make PYTHON=/path/to/python3.11 ..." >&2
  exit 1
fi

if ! "$python" -c 'import ensurepip' 2>/dev/null; then
  # Debian and Ubuntu leave ensurepip out of python3.
  package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -qq -y --no-install-recommends "$package" >/dev/null 2>&1 \
      || { apt-get update -qq && apt-get install -qq -y --no-install-recommends "$package" >/dev/null; }
  else
    echo "Python on this machine cannot make virtual environments. As root: apt-get install $package" >&2
    exit 1
  fi
fi

[ -x .venv/bin/pip ] || "$python" -m venv --clear .venv
echo "Installing the packages of $lock into .venv ..."
.venv/bin/pip install --quiet --require-hashes --requirement "$lock"
# The build system stands in the lock, too: nothing is fetched here.
.venv/bin/pip install --quiet --no-deps --no-index --no-build-isolation --editable .
