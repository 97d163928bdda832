#!/usr/bin/env bash
# Brings a real Elasticsearch (core modules, no container) from Maven Central into ${VONG_TESTBED:-$HOME/.cache/vong-testbed}.
# Prints where it is. Run by several at once, one installs and the others wait. ELASTICSEARCH_VERSION asks for another version.
set -euo pipefail
version=${ELASTICSEARCH_VERSION:-8.19.21}
root=${VONG_TESTBED:-$HOME/.cache/vong-testbed}
home=$root/elasticsearch-$version
need() { command -v "$1" >/dev/null || { echo "$1 is not installed" >&2; exit 1; }; }
mkdir -p "$root"
exec 9>"$root/elasticsearch.lock"
flock 9
if [ ! -f "$home/.installed" ]; then
  need java; need mvn; need unzip
  work=$(mktemp -d "$root/elasticsearch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
    -Dartifact="org.elasticsearch.distribution.integ-test-zip:elasticsearch:$version:zip" -DoutputDirectory="$work" >&2
  unzip -q "$work/elasticsearch-$version.zip" -d "$work"
  # The server refuses to run as root; the user it runs as must be able to read it.
  chmod -R a+rX "$work/elasticsearch-$version"
  rm -rf "$home"
  mv "$work/elasticsearch-$version" "$home"
  touch "$home/.installed"
fi
echo "$home"
