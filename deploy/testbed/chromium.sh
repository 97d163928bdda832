#!/bin/sh
# Prints the path of a Chromium for the browser tests; installs Debian's when there is none and this user may. Prints nothing
# and exits 1 where it cannot: the browser tests are then skipped by name.
set -eu
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null 2>&1; then command -v "$name"; exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "vong: installing Chromium for the browser tests" >&2
  apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >&2
  command -v chromium && exit 0
fi
exit 1
