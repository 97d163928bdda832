#!/bin/bash
# Each of Kafka's tools under its own name.
. /etc/homes
case ${0##*/} in
  kafka-storage.sh) main=kafka.tools.StorageTool ;;
  kafka-server-start.sh) main=kafka.Kafka ;;
  kafka-topics.sh) main=org.apache.kafka.tools.TopicCommand ;;
  kafka-delete-records.sh) main=org.apache.kafka.tools.DeleteRecordsCommand ;;
  kafka-configs.sh) main=kafka.admin.ConfigCommand ;;
  kafka-reassign-partitions.sh) main=org.apache.kafka.tools.reassign.ReassignPartitionsCommand ;;
esac
# shellcheck disable=SC2086 # one word for each argument
exec "$java/bin/java" -cp "$kafka/lib/*" $KAFKA_JVM_PERFORMANCE_OPTS $KAFKA_HEAP_OPTS "$main" "$@"
