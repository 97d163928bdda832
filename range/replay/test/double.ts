/** A gateway that holds the sender to the protocol, and fails as it is told to. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { zstdDecompressSync } from 'node:zlib';
import type { RawRecord } from '@vong/collector/contracts';

export interface Double {
  readonly url: string;
  readonly batches: { sequence: number; records: RawRecord[]; at: number }[];
  /** What the sender did against the protocol. */
  readonly violations: string[];
  /** Answers to give instead, first to last; `cut` ends the connection. */
  readonly faults: ({ status: number; retryAfter?: string; body?: unknown } | 'cut' | 'stored and cut')[];
  readonly records: () => RawRecord[];
  close(): Promise<void>;
}

export const TOKEN = 'token';

export async function startDouble(expectedSequence = 0): Promise<Double> {
  const double: Omit<Double, 'url' | 'close'> & { expected: number } = {
    batches: [],
    violations: [],
    faults: [],
    records: () => double.batches.flatMap(({ records }) => records),
    expected: expectedSequence,
  };
  let open = 0;
  const server: Server = createServer((request, response) => {
    if (++open > 1) double.violations.push('two requests at a time');
    response.on('close', () => open--);
    void answer(request, response).catch((error: unknown) => double.violations.push(String(error)));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return send(response, 401, { error: { code: 'X', message: 'no token' } });
    if (request.url === '/ingest/v1/status') return send(response, 200, { expectedSequence: double.expected });
    const fault = double.faults.shift();
    if (fault === 'cut') return void request.socket.destroy();
    if (fault !== undefined && fault !== 'stored and cut') {
      if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter);
      return send(response, fault.status, fault.body ?? { error: { code: 'X', message: 'not now' } });
    }
    const receipt = store(request, Buffer.concat(parts));
    return fault === 'stored and cut' ? void request.socket.destroy() : send(response, 200, receipt);
  }

  function store(request: IncomingMessage, body: Buffer): unknown {
    const sequence = Number(request.headers['x-vong-sequence']);
    const seen = double.batches.some((batch) => batch.sequence === sequence);
    if (request.headers['content-type'] !== 'application/x-ndjson') double.violations.push('content type');
    if (request.headers['content-encoding'] !== 'zstd') double.violations.push('encoding');
    if (!seen && sequence !== double.expected) double.violations.push(`sequence ${sequence}, not ${double.expected}`);
    const lines = zstdDecompressSync(body).toString('utf8').trimEnd().split('\n');
    const records = lines.map((line): RawRecord => JSON.parse(line));
    for (const { id } of records) if (id.length > 200) double.violations.push(`id of ${id.length} characters`);
    if (!seen) {
      double.batches.push({ sequence, records, at: Date.now() });
      double.expected = sequence + 1;
    }
    return { sequence, duplicate: seen, accepted: records.length, deadLettered: 0 };
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return Object.assign(double, { url: `http://127.0.0.1:${port}`, close });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
