/**
 * The two requests that carry records, with batches as bytes: Produce 11 and Fetch 12, which Kafka 4 speaks. What is said of a
 * partition comes back as a code: some of a request may succeed and some not.
 */
import { createAPI, fetchV12, produceV11, readKnownTaggedFields, Writer, type Reader } from '@platformatic/kafka';
import { responseOf, type Api } from './cluster.ts';

const ALL_REPLICAS = -1;
const PRODUCE = { key: 0, version: 11 };
const FETCH = { key: 1, version: 12 };
const NO_SESSION = { id: 0, epoch: -1 };

export interface ProducePartition {
  readonly topic: string;
  readonly partition: number;
  readonly batch: Buffer;
}

export interface FetchPartition {
  readonly partition: number;
  readonly offset: number;
}

export interface FetchRequest {
  readonly topic: string;
  readonly partitions: readonly FetchPartition[];
  /** How long the broker may wait for the first record, ms. */
  readonly waitMs: number;
  readonly maxBytes: number;
  readonly partitionBytes: number;
}

export interface FetchedPartition {
  readonly partition: number;
  readonly code: number;
  /** Offset the next record will get, of what all replicas in sync have; -1 with some errors. */
  readonly highWatermark: number;
  readonly records: Buffer;
}

export const produce: Api<[timeoutMs: number, partitions: readonly ProducePartition[]], produceV11.ProduceResponse> = createAPI<
  [timeoutMs: number, partitions: readonly ProducePartition[]],
  produceV11.ProduceResponse
>(PRODUCE.key, PRODUCE.version, produceRequest, (...args) => {
  try {
    return produceV11.parseResponse(...args);
  } catch (error) {
    return responseOf<produceV11.ProduceResponse>(error);
  }
});

export const fetch: Api<[request: FetchRequest], FetchedPartition[]> = createAPI<[request: FetchRequest], FetchedPartition[]>(
  FETCH.key,
  FETCH.version,
  fetchRequest,
  (_correlation, _key, _version, reader) => fetchResponse(reader),
);

function produceRequest(timeoutMs: number, partitions: readonly ProducePartition[]): Writer {
  const topics = [...Map.groupBy(partitions, ({ topic }) => topic)];
  return Writer.create()
    .appendString(null)
    .appendInt16(ALL_REPLICAS)
    .appendInt32(timeoutMs)
    .appendArray(topics, (topicWriter, [topic, own]) => {
      topicWriter.appendString(topic).appendArray(own, (writer, { partition, batch }) => {
        writer
          .appendInt32(partition)
          .appendUnsignedVarInt(batch.byteLength + 1)
          .append(batch);
      });
    })
    .appendTaggedFields();
}

function fetchRequest({ topic, partitions, waitMs, maxBytes, partitionBytes }: FetchRequest): Writer {
  const wanted = partitions.map(({ partition, offset }) => ({
    partition,
    currentLeaderEpoch: -1,
    fetchOffset: BigInt(offset),
    lastFetchedEpoch: -1,
    partitionMaxBytes: partitionBytes,
  }));
  const topics = [{ topicId: topic, partitions: wanted }];
  return fetchV12.createRequest(waitMs, 1, maxBytes, 0, NO_SESSION.id, NO_SESSION.epoch, topics, [], '');
}

function fetchResponse(reader: Reader): FetchedPartition[] {
  reader.readInt32();
  const code = reader.readInt16();
  reader.readInt32();
  const topics = reader.readArray(
    (topicReader) => {
      topicReader.readString();
      const partitions = topicReader.readArray(fetchedPartition, true, false);
      skipTags(topicReader);
      return partitions;
    },
    true,
    false,
  );
  const partitions = topics.flat();
  return code === 0 ? partitions : partitions.map((each) => ({ ...each, code }));
}

function fetchedPartition(reader: Reader): FetchedPartition {
  const partition = reader.readInt32();
  const code = reader.readInt16();
  const highWatermark = Number(reader.readInt64());
  // Last stable offset and log start offset.
  reader.readInt64();
  reader.readInt64();
  reader.readNullableArray(
    (aborted) => {
      aborted.readInt64();
      aborted.readInt64();
      skipTags(aborted);
    },
    true,
    false,
  );
  // Preferred read replica.
  reader.readInt32();
  const size = Math.max(0, reader.readUnsignedVarInt() - 1);
  if (size > reader.remaining) throw new RangeError('the records of a fetch are cut off');
  const records = reader.buffer.slice(reader.position, reader.position + size);
  reader.skip(size);
  skipTags(reader);
  return { partition, code, highWatermark, records };
}

function skipTags(reader: Reader): void {
  readKnownTaggedFields(reader, {});
}
