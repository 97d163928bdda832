# Sourced after node.sh: makes node_modules match package-lock.json, once.
if [ ! -f "$root/node_modules/.vong-installed" ] || [ "$root/package-lock.json" -nt "$root/node_modules/.vong-installed" ]; then
  echo "vong: installing packages (once)" >&2
  # npm belongs to the machine's own Node and may refuse to run under another; its exit code is what counts.
  (cd "$root" && npm ci --no-audit --no-fund --loglevel=error >&2)
  touch "$root/node_modules/.vong-installed"
fi
