import type { Readable } from 'node:stream';
import { LIMITS } from '../contracts.ts';
import { gatewayError } from './errors.ts';

/** The whole body in memory of its own (so that it can be handed to the worker), bounded while it is read. */
export async function readBody(stream: Readable, limit: number = LIMITS.batchCompressedBytes): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // The stream stays open on refusal, so that the sender gets an answer instead of a broken connection.
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limit) throw gatewayError('INGEST_BATCH_TOO_LARGE', { limit, unit: 'bytes' });
      chunks.push(chunk);
    }
  } catch (error) {
    if (bytes > limit) throw error;
    throw gatewayError('INGEST_MALFORMED', { reason: 'the connection ended before the batch did' }, error);
  }
  const body = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}
