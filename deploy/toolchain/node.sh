# Sourced, not run: leaves Node.js 24 or newer first on PATH and its file in $VONG_NODE.
# A machine whose own node is older gets one from the package registry, into .toolchain/ (never system-wide).
# $root must be the project's folder.

vong_node_major() { "$1" -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0; }

vong_find_node() {
  for candidate in "${VONG_NODE:-}" "$(command -v node || true)" "$root"/.toolchain/node_modules/node-*/bin/node; do
    [ -n "$candidate" ] && [ -x "$candidate" ] || continue
    [ "$(vong_node_major "$candidate")" -ge 24 ] && { echo "$candidate"; return; }
  done
}

VONG_NODE=$(vong_find_node)
if [ -z "$VONG_NODE" ]; then
  echo "vong: this machine's Node.js is older than 24; bringing 24 from the package registry into .toolchain/" >&2
  mkdir -p "$root/.toolchain"
  cp "$root/deploy/toolchain/package.json" "$root/deploy/toolchain/package-lock.json" "$root/.toolchain/"
  npm ci --prefix "$root/.toolchain" --no-audit --no-fund --loglevel=error >&2
  VONG_NODE=$(vong_find_node)
fi
if [ -z "$VONG_NODE" ]; then
  echo "vong: no Node.js 24 for this kind of machine in the registry; install Node.js 24 or newer and try again" >&2
  exit 69
fi
PATH="$(dirname "$VONG_NODE"):$PATH"
# Warnings of features that are stable enough for us (node:sqlite) would hide the lines a person should read.
# A main thread that mostly passes buffers on does not need the 128 MB nursery that V8 grows to by itself.
NODE_OPTIONS="--max-semi-space-size=16 ${NODE_OPTIONS:-} --disable-warning=ExperimentalWarning"
# glibc gives each thread an arena of its own; with a dozen threads that is hundreds of MB of air.
MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-2}"
# glibc raises this bound by itself with every large buffer that is freed, and then never gives such buffers back: 200 MB at full load.
MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_:-131072}"
export PATH VONG_NODE NODE_OPTIONS MALLOC_ARENA_MAX MALLOC_MMAP_THRESHOLD_
