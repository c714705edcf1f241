#!/usr/bin/env bash
# The prompt as a person waits for it: from the start to the prompt, beside `python3 -q`, and from Enter to the first output
# of `status` with 100 simulated services.
#
#   Benchmarks/prompt.sh [SLIPWAY]     a release build by default; fails when a goal is missed
set -euo pipefail
cd "$(dirname "$0")"
slipway=$(realpath "${1:-../.build/release/slipway}")
[[ -x $slipway ]] || { echo "prompt: $slipway is not built (make release)" >&2; exit 1; }
exec python3 prompt.py "$slipway"
