#!/usr/bin/env bash
# Three planted defects, each of which the fuzzer must find within a time; only the harness has them, and only here.
#
#   Tests/Fuzz/planted.sh [SECONDS]      for each, default 120
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-120}
status=0
for number in 1 2 3; do
  work="../../.build-fuzz/planted-$number"
  rm -rf "$work/corpus" "$work/found"
  begin=$SECONDS
  # One build for all: only the harness is compiled anew.
  if output=$(PLANTED=$number FUZZ_WORK=$work FUZZ_BUILD=../../.build-fuzz/planted ./run.sh "$seconds" 2>&1); then
    echo "planted $number: not found in $seconds seconds"
    status=1
  elif grep -q 'ERROR: libFuzzer: deadly signal' <<<"$output"; then
    reason=$(grep -om1 'does not hold: .*' <<<"$output" || echo "a trap")
    echo "planted $number: found after $((SECONDS - begin)) seconds with the build: $reason"
  else
    echo "planted $number: ended otherwise"
    tail -20 <<<"$output"
    status=1
  fi
done
exit $status
