/** Sends anything at all to a running server's front door, and reads back what became of it. */
import { zstdCompressSync } from 'node:zlib';
import type { DeadLetterView, RawRecord } from '@vong/collector/contracts';
import type { EcsEvent } from '@vong/platform/events';
import type { TestServer } from '../../deploy/testbed/vong.ts';
import { allEvents, drained, enrol } from './product.ts';

/** Status, parsed body and headers of an answer, whatever it is. */
export interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever the server answered, looked at by the test
  readonly body: any;
  readonly retryAfter: string | null;
}

export interface Post {
  readonly token: string;
  readonly sequence: number | string;
  readonly encoding?: string;
  readonly body: Uint8Array;
}

/** Posts a batch's bytes as they are. */
export async function post(server: Pick<TestServer, 'url'>, { token, sequence, encoding = 'identity', body }: Post): Promise<Answer> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/x-ndjson',
    'content-encoding': encoding,
    'x-vong-sequence': String(sequence),
  };
  return await read(await fetch(`${server.url}/ingest/v1/batches`, { method: 'POST', headers, body: new Uint8Array(body) }));
}

/** Any other request with the operator key; gives the answer instead of throwing. */
export async function ask(
  server: TestServer,
  path: string,
  options: { method?: string; body?: unknown; token?: string } = {},
): Promise<Answer> {
  const headers: Record<string, string> = { authorization: `Bearer ${options.token ?? server.token}` };
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  const body = options.body === undefined ? null : JSON.stringify(options.body);
  return await read(await fetch(`${server.url}${path}`, { method: options.method ?? 'GET', headers, body }));
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text), retryAfter: response.headers.get('retry-after') };
}

/** A record as an agent sends it. */
export function record(id: string, raw: string, more: Partial<RawRecord> = {}): RawRecord {
  return { id, source: 'file', collected: new Date().toISOString(), host: 'ws01', raw, ...more };
}

/** A batch body, not compressed. */
export function lines(...records: readonly (RawRecord | string | Buffer)[]): Buffer {
  return Buffer.concat(
    records.flatMap((each) => [
      Buffer.isBuffer(each) ? each : Buffer.from(typeof each === 'string' ? each : JSON.stringify(each)),
      Buffer.from('\n'),
    ]),
  );
}

export const zstd = (...records: readonly (RawRecord | string | Buffer)[]): Uint8Array => zstdCompressSync(lines(...records));

let made = 0;

/** An agent of its own for one claim: what it sent is found again by its name. */
export class Sender {
  readonly server: TestServer;
  readonly name: string;
  readonly token: string;
  #sequence = 0;

  private constructor(server: TestServer, name: string, token: string) {
    this.server = server;
    this.name = name;
    this.token = token;
  }

  static async enrolled(server: TestServer): Promise<Sender> {
    const name = `sender-${++made}`;
    return new Sender(server, name, await enrol(server, name));
  }

  /** Number the next batch must have. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Posts under the next number, which is used up only when the batch is taken. */
  async send(body: Uint8Array, encoding = 'zstd'): Promise<Answer> {
    const answer = await post(this.server, { token: this.token, sequence: this.#sequence, encoding, body });
    if (answer.status === 200) this.#sequence++;
    return answer;
  }

  /** Everything of this sender that can be searched once the pipeline is through, oldest first. */
  async stored(): Promise<EcsEvent[]> {
    await drained(this.server);
    return await allEvents(this.server, `agent.name: ${this.name}`);
  }

  /** Its dead letters. The table follows the log within a second or two. */
  async deadLetters(count: number): Promise<DeadLetterView[]> {
    const deadline = performance.now() + 15_000;
    for (;;) {
      const { items } = await this.server.call<{ items: DeadLetterView[] }>('/api/dead-letters?limit=500');
      const mine = items.filter((letter) => letter.agent === this.name);
      if (mine.length >= count || performance.now() > deadline) return mine;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
