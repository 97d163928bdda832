#!/bin/sh
# Prints the folder that holds bin/kustomize (5 or newer). The one on PATH, or kubectl's own, is taken; otherwise it is built with Go
# from the module proxy into ${VONG_TESTBED:-$HOME/.cache/vong-testbed}/kustomize.
# Exit 69: it cannot be had; the last line of stderr says why.
set -eu
home=${VONG_TESTBED:-$HOME/.cache/vong-testbed}/kustomize
mkdir -p "$home/bin"
exec 9>"$home/.lock"
flock 9
if [ -x "$home/bin/kustomize" ] && "$home/bin/kustomize" version >/dev/null 2>&1; then echo "$home"; exit 0; fi
if present=$(command -v kustomize) && "$present" version 2>/dev/null | grep -Eq 'v?[5-9]\.'; then
  ln -sf "$present" "$home/bin/kustomize"
  echo "$home"
  exit 0
fi
if present=$(command -v kubectl) && "$present" version --client 2>/dev/null | grep -Eq 'Kustomize Version: v[5-9]\.'; then
  printf '#!/bin/sh\n[ "$1" = version ] && exec "%s" version --client\nshift\nexec "%s" kustomize "$@"\n' "$present" "$present" > "$home/bin/kustomize"
  chmod +x "$home/bin/kustomize"
  echo "$home"
  exit 0
fi
command -v go >/dev/null || { echo 'no kustomize and no kubectl on PATH, and no Go to build one' >&2; exit 69; }
GOBIN="$home/bin" go install sigs.k8s.io/kustomize/kustomize/v5@v5.5.0 >&2 || { echo 'Go cannot build kustomize 5.5.0' >&2; exit 69; }
echo "$home"
