#!/bin/sh
# Starts Kafka with the settings and the user that secrets.ts made, on a read-only root. Writes nothing but its data and /tmp.
set -eu
etc=${VONG_ETC:-/etc/vong}
given=${VONG_GIVEN:-/run/vong}
bin=${KAFKA_BIN:-/opt/kafka/bin}
# The image would write its logs into files beside the program, and those of the garbage collector too.
export LOG_DIR=/tmp EXTRA_ARGS='-name kafkaServer' KAFKA_LOG4J_OPTS="-Dlog4j2.configurationFile=$etc/log4j2.yaml"
# The first start makes the user of the clients; later ones leave everything as it is. An id may begin with `-`: it is no word of its own.
"$bin/kafka-storage.sh" format --ignore-formatted "--cluster-id=$(cat "$given/cluster-id")" --config "$given/server.properties" \
  --add-scram "$(cat "$given/scram")"
exec "$bin/kafka-server-start.sh" "$given/server.properties"
