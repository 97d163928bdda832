#!/bin/bash
# Starts Elasticsearch on a read-only root: its settings and the keystore that it makes at each start lie in memory.
set -eu
cp -R /usr/share/elasticsearch/config/. "$ES_PATH_CONF/"
exec /usr/local/bin/docker-entrypoint.sh eswrapper
