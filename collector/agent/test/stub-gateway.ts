/** A gateway for tests and measurements: keeps numbers and records as the real one promises, and misbehaves on request. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { zstdDecompressSync } from 'node:zlib';
import { Parse } from 'typebox/value';
import { AgentStatus, type RawRecord } from '../../contracts.ts';

export interface Misbehaviour {
  /** Answer with this and store nothing. */
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Store, then break the connection without an answer. */
  readonly storeThenBreak?: boolean;
}

export interface StubGateway {
  readonly url: string;
  token: string;
  readonly records: RawRecord[];
  readonly sequences: number[];
  duplicates: number;
  bytes: number;
  lastStatus: AgentStatus | undefined;
  last: number;
  /** Asked for every request; undefined = behave. */
  misbehave: (request: { path: string; sequence: number; bytes: number }) => Misbehaviour | undefined;
  /** Called with each stored batch; by default records are kept in `records`. */
  keep: (records: RawRecord[], count: number) => void;
  /** Take no connections until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
}

export async function startStubGateway(): Promise<StubGateway> {
  const server = createServer((request, response) => {
    answer(stub, request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  let port = 0;
  const up = async (): Promise<void> => {
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address === 'object' && address !== null) ({ port } = address);
  };
  const down = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  await up();
  const stub: StubGateway = {
    url: `http://127.0.0.1:${port}`,
    token: 'test-token',
    records: [],
    sequences: [],
    duplicates: 0,
    bytes: 0,
    lastStatus: undefined,
    last: -1,
    misbehave: () => undefined,
    keep: (records) => stub.records.push(...records),
    down,
    up,
  };
  return stub;
}

async function answer(stub: StubGateway, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const send = (status: number, value: unknown, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
  };
  const path = request.url ?? '';
  const sequence = Number(request.headers['x-vong-sequence'] ?? -1);
  if (request.headers.authorization !== `Bearer ${stub.token}`) return send(401, { code: 'INGEST_TOKEN', message: 'unknown token' });
  const bad = stub.misbehave({ path, sequence, bytes: body.length });
  if (bad?.status !== undefined) {
    response
      .writeHead(bad.status, { 'content-type': 'application/json', ...bad.headers })
      .end(bad.body ?? JSON.stringify({ message: 'refused by the test' }));
    return undefined;
  }
  if (path === '/ingest/v1/status') {
    stub.lastStatus = Parse(AgentStatus, JSON.parse(body.toString('utf8')));
    return send(200, { expectedSequence: stub.last + 1 });
  }
  if (sequence <= stub.last) {
    stub.duplicates += 1;
    return send(200, { sequence, duplicate: true, accepted: 0, deadLettered: 0 });
  }
  const lines = zstdDecompressSync(body).toString('utf8').trimEnd().split('\n');
  stub.keep(
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the agent under test sent; the tests look at it
    lines.map((line) => JSON.parse(line) as RawRecord),
    lines.length,
  );
  stub.last = sequence;
  stub.sequences.push(sequence);
  stub.bytes += body.length;
  if (bad?.storeThenBreak === true) return void request.socket.destroy();
  return send(200, { sequence, duplicate: false, accepted: lines.length, deadLettered: 0 });
}
