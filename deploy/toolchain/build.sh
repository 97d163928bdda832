#!/bin/sh
# Builds the console when its sources changed since the last good build. A failed Vite build leaves a dist behind,
# so the stamp is written only after success.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/deploy/toolchain/node.sh"
. "$root/deploy/toolchain/install.sh"
exec "$VONG_NODE" "$root/console/build.ts"
