#!/usr/bin/env bash
# Futures a second of `slipway explore` on one core and on all, and the most memory with few futures and with many. The
# runbook is a release of three services behind a pull request with a monitor of half an hour.
#
#   Benchmarks/explore.sh [FUTURES] [SLIPWAY]
set -euo pipefail
root=$(realpath "$(dirname "$0")/..")
many=${1:-100000}
slipway=$(realpath "${2:-$root/.build/release/slipway}")
python=/usr/bin/python3
[[ -x $python ]] || python=python3
exec "$python" "$root/Benchmarks/explore.py" "$slipway" "$root/examples/release.runbook" "$many"
