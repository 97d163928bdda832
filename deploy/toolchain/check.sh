#!/bin/sh
# npm run check: types, lint, format, unused code, package tree.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/deploy/toolchain/node.sh"
. "$root/deploy/toolchain/install.sh"
cd "$root"
bin=node_modules/.bin
status=0
step() {
  echo "check: $1"
  shift
  "$@" || status=1
}
step "types" $bin/tsc -p .
step "types of the console" $bin/tsc -p console/web
step "lint" $bin/oxlint --type-aware --deny-warnings
step "format" $bin/oxfmt --check .
step "unused code" $bin/knip
# Skewed peer versions make npm drop packages without a word.
step "package tree" sh -c 'npm ls --all >/dev/null'
exit $status
