import { errorMaker, type ErrorCatalogue } from '../errors/index.ts';

export const LOG_ERRORS = {
  LOG_FULL: {
    status: 503,
    message: 'The disk that holds the log has no room. Free space on it; records are accepted again by themselves.',
  },
  LOG_BUSY: { status: 503, message: 'The log is locked by another writer for too long. Try again.' },
  LOG_CLOSED: { status: 503, message: 'The log is closed: the server is stopping.' },
  LOG_FENCED: {
    status: 503,
    message: 'Partition {partition} of {topic} is read by another member of the group {group} now.',
  },
  LOG_UNAVAILABLE: { status: 503, message: 'Kafka cannot be reached or cannot do it now: {reason}. Try again.' },
  LOG_DENIED: {
    status: 500,
    message:
      'Kafka refuses this server: {reason}. Check VONG_KAFKA_USER, VONG_KAFKA_PASSWORD, VONG_KAFKA_MECHANISM and the rights of that user.',
  },
  LOG_TOO_OLD: { status: 500, message: 'The brokers do not know {requests}: Kafka 4.0 or newer is needed.' },
  LOG_TOPICS: { status: 500, message: 'Topics of Kafka are not as they must be: {problems}. To set them right, run: {commands}' },
  LOG_DAMAGED: {
    status: 500,
    message: 'The log file {path} is damaged: {reason}. Move it away and restart; agents send again what they kept.',
  },
  LOG_UNKNOWN_TOPIC: { status: 500, message: 'The log has no topic {topic} with partition {partition}.' },
  LOG_RECORD_TOO_LARGE: { status: 413, message: 'A record of {bytes} bytes is larger than the {limit} bytes the log takes.' },
  LOG_PARTITIONS: {
    status: 500,
    message: 'Topic {topic} has {stored} partitions; it cannot be opened with {wanted}: partitions can only grow.',
  },
  LOG_BAD_REQUEST: { status: 500, message: 'The log cannot do that: {reason}.' },
  DATA_DIR_LOCKED: {
    status: 503,
    message: 'The data directory {directory} is in use by another process{holder}. Stop it, or choose another directory with VONG_DATA.',
  },
  DATA_DIR_MOVED: {
    status: 503,
    message:
      'The node of {directory} goes on in a cluster ({to}). Start it with the settings of the cluster. To use this directory alone again, without what the cluster has taken since, remove {mark}.',
  },
  DATA_DIR_UNUSABLE: { status: 500, message: 'The data directory {directory} cannot be used: {reason}.' },
} satisfies ErrorCatalogue<string>;

export const logError = errorMaker(LOG_ERRORS);
