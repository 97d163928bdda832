#!/bin/sh
# npm test: Node, packages, the console, what the tests need beside them, then every test. Arguments go to vitest.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/deploy/toolchain/node.sh"
. "$root/deploy/toolchain/install.sh"
sh "$root/deploy/toolchain/build.sh"
VONG_CHROMIUM=$(sh "$root/deploy/testbed/chromium.sh" || true)
export VONG_CHROMIUM
cd "$root"
sh deploy/testbed/evtx-oracle.sh >/dev/null || true
exec "$VONG_NODE" node_modules/vitest/vitest.mjs run "$@"
