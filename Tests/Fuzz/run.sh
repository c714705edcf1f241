#!/usr/bin/env bash
# Fuzzes the language: any bytes are parsed, checked, laid out and parsed again; see Sources/FuzzTarget/Examination.swift.
#
#   Tests/Fuzz/run.sh [SECONDS]      default 60; ends with 1 when something is found, and keeps it in .build-fuzz/found
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-60}
seed=${FUZZ_SEED:-20261126}
work=${FUZZ_WORK:-../../.build-fuzz}
mkdir -p "$work"
work=$(realpath "$work")
build=${FUZZ_BUILD:-$work/build}

runtime=$(swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
library=$(find -L "$runtime/clang/lib" "$(dirname "$runtime")/clang" -name "libclang_rt.fuzzer_no_main*$(uname -m).a" 2>/dev/null | head -1)
[[ -n $library ]] || { echo "fuzz: this Swift has no libFuzzer (libclang_rt.fuzzer_no_main)" >&2; exit 1; }

swift build -c release --package-path . --scratch-path "$build" --product fuzz -Xlinker "$library" >&2
fuzz="$build/release/fuzz"

# The seeds: examples, the runbooks of the case files, and what earlier calls found interesting.
seeds="$work/seeds"
rm -rf "$seeds"
mkdir -p "$seeds" "$work/corpus" "$work/found"
cp ../../examples/*.runbook ../../Benchmarks/corpus.runbook "$seeds"
for cases in ../RunbookSyntaxTests/Cases/*.runbook ../RunbookCheckTests/Cases/*.runbook; do
  name="$(basename "$(dirname "$(dirname "$cases")")")-$(basename "$cases" .runbook)"
  awk -v out="$seeds/$name" '/^---$/ { n++; next } { sub(/[ \t]*###.*$/, ""); print > (out "-" n) }' n=0 "$cases"
done
"$fuzz" --dictionary >"$work/dictionary"
echo "fuzz: $(find "$seeds" -type f | wc -l) seeds, $seconds seconds, drawn from $seed (FUZZ_SEED)" >&2

# libFuzzer keeps what ends the process only when Swift's own backtraces do not come first.
export SWIFT_BACKTRACE=enable=no
# A stack of its usual size: recursion that is too deep must be found.
"$fuzz" -seed="$seed" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=8192 -dict="$work/dictionary" \
  -artifact_prefix="$work/found/" -print_final_stats=1 ${FUZZ_FLAGS:-} "$work/corpus" "$seeds"
