#!/usr/bin/env bash
# A live prompt that nobody types at, on the rig: its resident memory, its share of a core, and the kubectl processes that it
# keeps, for MINUTES (default 20).
#
#   Tests/Rig/rig.sh with --for 3600 -- Benchmarks/idle.sh [MINUTES] [SLIPWAY]
set -euo pipefail
root=$(realpath "$(dirname "$0")/..")
minutes=${1:-20}
slipway=$(realpath "${2:-$root/.build/release/slipway}")
[[ -n ${SLIPWAY_RIG_STATE:-} ]] || { echo "idle: no rig (Tests/Rig/rig.sh with -- $0)" >&2; exit 1; }
folder=$SLIPWAY_RIG_STATE/out/idle
"$root/Tests/Rig/rig.sh" fleet idle --dir "$folder" >/dev/null
socket=$(mktemp -u /tmp/slipway-idle-XXXXXX)
trap 'tmux -S "$socket" kill-server 2>/dev/null || true' EXIT
XDG_STATE_HOME=$folder/state XDG_CACHE_HOME=$folder/cache LC_ALL=C.UTF-8 \
  tmux -S "$socket" -f /dev/null new-session -d -x 120 -y 40 -c "$folder" "exec '$slipway' repl --no-color"
process=$(tmux -S "$socket" list-panes -F '#{pane_pid}')

shown() { for _ in $(seq 200); do tmux -S "$socket" capture-pane -p | grep -q "$1" && return; sleep 0.1; done; return 1; }
shown 'LIVE production' || { tmux -S "$socket" capture-pane -p >&2; exit 1; }
# A session that has looked around once is a warm one.
tmux -S "$socket" send-keys status Enter
shown 'all well' || { tmux -S "$socket" capture-pane -p >&2; exit 1; }
sleep 5

rss() { awk '/^VmRSS/ { print $2 }' "/proc/$process/status"; }
ticks() { awk '{ print $14 + $15 }' "/proc/$process/stat"; }
proxies() { ps -o args= --ppid "$process" | grep -c '[k]ubectl' || true; }

before=$(rss) ticks_before=$(ticks) began=$SECONDS most=$(rss)
for minute in $(seq "$minutes"); do
  sleep 60
  now=$(rss)
  ((now > most)) && most=$now
  printf 'minute %2d   resident %6d KB   CPU %s ticks   kubectl %s\n' "$minute" "$now" "$(($(ticks) - ticks_before))" "$(proxies)"
done
seconds=$((SECONDS - began)) used=$(($(ticks) - ticks_before)) grown=$((most - before))
share=$(awk -v used="$used" -v hz="$(getconf CLK_TCK)" -v s="$seconds" 'BEGIN { printf "%.3f", 100 * used / hz / s }')
contexts=$(sed -n 's/.*context: *\([A-Za-z0-9-]*\).*/\1/p' "$folder/slipway.yaml" | sort -u | wc -l)
echo "idle for ${seconds}s: memory grew by at most ${grown} KB, ${share}% of a core, $(proxies) kubectl processes for $contexts contexts"
((grown <= 2048)) && awk -v s="$share" 'BEGIN { exit !(s <= 0.5) }' && (($(proxies) <= contexts))
