import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { LIMITS } from '../contracts.ts';
import { gatewayError } from './errors.ts';

/** How a batch body may be compressed. */
export type Encoding = 'zstd' | 'gzip' | 'identity';

const CHUNK = 1024 * 1024;

/**
 * The bytes of a batch. Output is bounded while it is made, so a bomb costs at most the limit; a body that ends early, or is followed
 * by something that is not a further frame, is refused as a whole.
 */
export function decompress(body: Uint8Array, encoding: Encoding, limit: number = LIMITS.batchBytes): Uint8Array {
  if (encoding === 'identity') return body.byteLength <= limit ? body : tooLarge(limit);
  if (body.byteLength === 0) throw gatewayError('INGEST_MALFORMED', { reason: `an empty body is not ${encoding}` });
  try {
    return encoding === 'gzip' ? gunzipSync(body, { maxOutputLength: limit, chunkSize: CHUNK }) : frames(body, limit);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(limit);
    if (code === 'INGEST_BATCH_TOO_LARGE') throw error;
    throw gatewayError(
      'INGEST_MALFORMED',
      { reason: `it is not complete ${encoding} (${error instanceof Error ? error.message : 'unknown'})` },
      error,
    );
  }
}

/** Node decompresses one zstd frame and ignores what follows; a stream may be several frames (RFC 8878 §3). */
function frames(body: Uint8Array, limit: number): Uint8Array {
  const parts: Buffer[] = [];
  let bytes = 0;
  for (let at = 0; at < body.byteLength;) {
    if (bytes >= limit && parts.length > 0) return tooLarge(limit);
    const { data, consumed } = frame(body.subarray(at), limit - bytes);
    if (consumed === 0) throw new Error('no progress');
    parts.push(data);
    bytes += data.byteLength;
    at += consumed;
  }
  return parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts);
}

function frame(body: Uint8Array, limit: number): { data: Buffer; consumed: number } {
  // `info` also gives the engine, which alone knows how much of the input was used; the type declarations leave it out.
  const options = { maxOutputLength: limit, chunkSize: CHUNK, info: true };
  const result: unknown = zstdDecompressSync(body, options);
  if (typeof result === 'object' && result !== null && 'buffer' in result && 'engine' in result) {
    const { buffer, engine } = result;
    if (Buffer.isBuffer(buffer) && typeof engine === 'object' && engine !== null && 'bytesWritten' in engine) {
      return { data: buffer, consumed: Number(engine.bytesWritten) };
    }
  }
  throw new Error('the decompressor does not say how much it read');
}

function tooLarge(limit: number): never {
  throw gatewayError('INGEST_BATCH_TOO_LARGE', { limit, unit: 'bytes after decompression' });
}
