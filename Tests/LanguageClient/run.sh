#!/usr/bin/env bash
# `slipway lsp` with a real client: pygls, in a folder of its own under the XDG cache.
#
#   Tests/LanguageClient/run.sh [SLIPWAY]
#
# A machine on which it cannot be installed says so and ends well; with CI set, that is a failure.
set -euo pipefail
cd "$(dirname "$0")"
slipway=$(realpath "${1:-../../.build/debug/slipway}")
[[ -x $slipway ]] || { echo "language client: $slipway is not built" >&2; exit 1; }

source ../python-environment.sh
python_environment language-client requirements.txt pygls
exec "$environment/bin/python" -W error client_test.py "$slipway"
