#!/usr/bin/env bash
# The one entry to the rig: `rig.sh up`, `rig.sh with -- COMMAND`, `rig.sh fleet NAME`, `rig.sh selftest`.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

case "${1:-}" in
up | with | selftest) "$here/install.sh" ;;
esac

# Debian's Python before any shim of a version manager: those look for their files under HOME, which the
# rig's environment moves.
python=/usr/bin/python3
[[ -x "$python" ]] || python="$(command -v python3)"
# Modules come from here alone, never from the folder that the caller happens to be in.
export PYTHONPATH="$here" PYTHONSAFEPATH=1 PYTHONDONTWRITEBYTECODE=1

if [[ "${1:-}" == selftest ]]; then
  shift
  exec "$python" "$here/selftest.py" "$@"
fi
exec "$python" -m rig "$@"
