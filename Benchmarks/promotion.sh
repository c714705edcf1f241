#!/usr/bin/env bash
# A promotion by slipway beside the guide's commands by hand, on the same rig: processes started, and wall time of what
# is no waiting (validate and promote, against steps 1 and 2 of the guide).
#
#   Tests/Rig/rig.sh with -- Benchmarks/promotion.sh
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD
slipway=${SLIPWAY_BINARY:-$here/.build/debug/slipway}
state=${SLIPWAY_RIG_STATE:?start it inside of the rig: Tests/Rig/rig.sh with -- Benchmarks/promotion.sh}

fleet() { # fleet NAME COUNT: its folder
  Tests/Rig/rig.sh fleet "$1" --services-count "$2" --dir "$state/out/$1" >/dev/null
  sed -i 's/policy: {/policy: { every: 1s,/; s/merge: merge }/merge: merge, every: 1s }/' "$state/out/$1/slipway.yaml"
  echo "$state/out/$1"
}
services() { sed -n '/^services:/,/^argocd/s/^  \([a-z0-9-]*\):$/\1/p' "$1/slipway.yaml"; }
seconds() { # seconds COMMAND...: wall time, output thrown away
  local begin=$EPOCHREALTIME
  "$@" >/dev/null 2>&1 || echo "failed: $*" >&2
  awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f", b - a }'
}
release() { (cd "$1" && XDG_STATE_HOME=$1/state XDG_CACHE_HOME=$1/cache "$slipway" run "$1/$2.runbook"); }

printf '%-34s %10s %10s\n' "" "processes" "seconds"
for count in 3 30; do
  folder=$(fleet "ours-$count" "$count")
  printf 'validate staging all\npromote all\nwait merge within 5m\nmonitor 8s\non failure { rollback promoted }\n' \
    >"$folder/whole.runbook"
  Benchmarks/counting.sh "$folder/notes" bash -c "$(declare -f release); slipway=$slipway release $folder whole" \
    >/dev/null 2>&1 || echo "failed: the release of $count services" >&2
  folder2=$(fleet "timed-$count" "$count")
  printf 'validate staging all\npromote all\n' >"$folder2/start.runbook"
  printf '%-34s %10s %10s\n' "slipway, $count services" "$(wc -l <"$folder/notes")" "$(seconds release "$folder2" start)"
done
for count in 3 30; do
  folder=$(fleet "hand-$count" "$count")
  mapfile -t names < <(services "$folder")
  begin=$EPOCHREALTIME
  Benchmarks/counting.sh "$folder/notes" Benchmarks/by-hand.sh "$folder" "${names[@]}" >/dev/null 2>&1
  printf '%-34s %10s %10s\n' "the guide by hand, $count services" "$(wc -l <"$folder/notes")" \
    "$(awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f", b - a }')"
done
echo "Slipway's processes include its poll rounds; its seconds are validate and promote, two of them GitHub's pace."
