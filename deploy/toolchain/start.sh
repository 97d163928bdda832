#!/bin/sh
# npm start: Node, packages, the console, then the server itself (exec, so that a signal reaches it).
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/deploy/toolchain/node.sh"
. "$root/deploy/toolchain/install.sh"
sh "$root/deploy/toolchain/build.sh"
cd "$root"
exec "$VONG_NODE" main.ts "$@"
