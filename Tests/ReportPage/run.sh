#!/usr/bin/env bash
# The page of a report in a real browser (headless Chromium): no request leaves it, and nothing is wider than a telephone.
# With a folder as its argument, pictures of the page are left there.
set -euo pipefail
cd "$(dirname "$0")/../.."
slipway=${SLIPWAY:-$PWD/.build/debug/slipway}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pictures=${1:-}

find_browser() {
  for browser in chromium-headless-shell chromium chromium-browser google-chrome; do
    if command -v "$browser" >/dev/null; then return; fi
  done
  false
}
if ! find_browser && command -v apt-get >/dev/null; then
  sudo=()
  ((EUID == 0)) || sudo=(sudo)
  echo "installing chromium-headless-shell"
  "${sudo[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends chromium-headless-shell >/dev/null
fi
find_browser || { echo "please install Chromium" >&2; exit 1; }

chromium() { # chromium OPTION… ADDRESS: no network of its own, and no sandbox where root runs it
  timeout -k 5 60 "$browser" --headless --no-sandbox --disable-gpu --disable-background-networking --disable-sync \
    --disable-component-update --no-first-run --no-default-browser-check --disable-dev-shm-usage --hide-scrollbars \
    --allow-file-access-from-files --user-data-dir="$work/profile" "$@" 2>>"$work/chromium.log"
}

fail() { echo "report page: $1" >&2; exit 1; }

requests() { # requests PAGE: what a browser asks of anybody to show it
  rm -f "$work/net.json"
  chromium --log-net-log="$work/net.json" --virtual-time-budget=3000 --dump-dom "file://$1" >/dev/null
  python3 Tests/ReportPage/requests.py "$work/net.json"
}

# The measure itself must be able to fail.
printf '<!DOCTYPE html><link rel=icon href="data:,"><img src="http://127.0.0.1:9/x.png">' >"$work/fetching.html"
[[ $(requests "$work/fetching.html") == *127.0.0.1:9/x.png* ]] || fail "a page that fetches was not noticed"
printf '<!DOCTYPE html><meta charset=utf-8><div style="width:500px">wide</div>' >"$work/wide.html"

measure() { chromium --virtual-time-budget=5000 --dump-dom "file://$PWD/Tests/ReportPage/measure.html#file://$1" | grep -o 'measured [^<]*'; }
[[ $(measure "$work/wide.html") == *375=508* ]] || fail "a page that is too wide was not noticed"

export XDG_STATE_HOME=$work/state HOME=$work
mkdir "$work/pages"
rehearse() { # rehearse NAME RUNBOOK OPTION…: whatever its ending
  "$slipway" rehearse "$2" --report "$work/pages/$1.html" "${@:3}" >/dev/null 2>&1 || true
}
rehearse good examples/release.runbook
rehearse crash examples/release.runbook --fail 'production api crashes after 3m'
# What people and servers write: markup, and words without an end.
python3 - >"$work/hostile.runbook" <<'PY'
long = "W" * 400
bad = "<img src=http://127.0.0.1:9/x.png onerror=alert(1)><script src=http://127.0.0.1:9/y.js></script>"
print(f'show status\nlet text = "{bad} {long}"\nrequire text is "" else "{bad} {long}"')
PY
rehearse hostile "$work/hostile.runbook"
for page in "$work"/pages/*.html; do
  name=$(basename "$page" .html)
  asked=$(requests "$page")
  [[ -z $asked ]] || fail "$name fetches $asked"
  result=$(measure "$page")
  echo "$name: no request; $result"
  for width in 320 375 768 1280; do
    [[ " $result " == *" $width=$width "* ]] || fail "$name is wider than $width"
  done
  [[ $result != *bars=0* && $result != *statements=0* ]] || fail "$name shows nothing"
  if [[ -n $pictures ]]; then
    mkdir -p "$pictures"
    chromium --window-size=375,4000 --screenshot="$pictures/$name-telephone.png" "file://$page" >/dev/null
    chromium --window-size=1280,2600 --screenshot="$pictures/$name-desk.png" "file://$page" >/dev/null
    chromium --window-size=1280,2600 --blink-settings=preferredColorScheme=0 --screenshot="$pictures/$name-dark.png" "file://$page" >/dev/null
    chromium --print-to-pdf="$pictures/$name.pdf" --no-pdf-header-footer "file://$page" >/dev/null
  fi
done
