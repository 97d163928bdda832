import { errorMaker, type ErrorCatalogue } from '../errors/index.ts';

export const MOVE_ERRORS = {
  MOVE_UNFINISHED: {
    status: 503,
    message:
      'The move of the embedded node {source} into this cluster is not finished. End it with ./vong migrate embedded-to-cluster; until then nothing else may write here.',
  },
  MOVE_NOT_EMPTY: {
    status: 409,
    message:
      'The cluster is not empty: {found}. A node can only be moved into an empty cluster: take another database, other prefixes (VONG_KAFKA_PREFIX, VONG_ELASTICSEARCH_PREFIX), or remove what is there.',
  },
  MOVE_OTHER_SOURCE: {
    status: 409,
    message: 'The cluster holds what was moved from {source}, which is not this node.',
  },
  MOVE_SOURCE: { status: 400, message: 'There is no embedded node in {directory} that can be moved: {reason}.' },
  MOVE_RAN_AGAIN: {
    status: 409,
    message:
      'The node ran again after its last part had begun to be moved: what it did since cannot be joined to what is in the cluster. Empty the cluster, remove {progress}, and begin anew.',
  },
} satisfies ErrorCatalogue<string>;

export const moveError = errorMaker(MOVE_ERRORS);
