/** Stands before Elasticsearch and answers some requests to store as an overloaded or dying one does. */
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Fault = 'none' | 'too many requests' | 'unavailable' | 'cut before' | 'cut after' | 'items refused' | 'half refused';

export interface FaultsProxy {
  readonly url: string;
  /** How often each fault was shown. */
  readonly shown: ReadonlyMap<Fault, number>;
  close(): Promise<void>;
}

/** `next` says what happens to the next request to `/_bulk`. */
export async function startFaultsProxy(target: string, next: () => Fault): Promise<FaultsProxy> {
  const shown = new Map<Fault, number>();
  const take = async (incoming: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const body = await bodyOf(incoming);
    const fault = incoming.url?.startsWith('/_bulk') === true ? next() : 'none';
    shown.set(fault, (shown.get(fault) ?? 0) + 1);
    handle({ target, incoming, answer, body }, fault);
  };
  const server = createServer((incoming, answer) => {
    void take(incoming, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // oxlint-disable-next-line no-unsafe-type-assertion -- it listens on a port
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    shown,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Exchange {
  readonly target: string;
  readonly incoming: IncomingMessage;
  readonly answer: ServerResponse;
  readonly body: Buffer;
}

function handle(exchange: Exchange, fault: Fault): void {
  const { incoming, answer, body } = exchange;
  if (fault === 'too many requests')
    reply(answer, 429, { error: { type: 'es_rejected_execution_exception', reason: 'rejected' }, status: 429 });
  else if (fault === 'unavailable') reply(answer, 503, { error: { type: 'unavailable', reason: 'no master' }, status: 503 });
  else if (fault === 'cut before') incoming.socket.destroy();
  else if (fault === 'items refused') reply(answer, 200, { items: itemsOf(body).map(() => REFUSED) });
  else if (fault === 'half refused') {
    const lines = body.toString('utf8').split('\n');
    const half = Math.floor(itemsOf(body).length / 2);
    forward({ ...exchange, body: Buffer.from(`${lines.slice(0, half * 2).join('\n')}\n`) }, (status, text) => {
      // oxlint-disable-next-line no-unsafe-type-assertion -- Elasticsearch's answer
      const items = half === 0 ? [] : (JSON.parse(text) as { items: unknown[] }).items;
      reply(answer, status, {
        items: [
          ...items,
          ...itemsOf(body)
            .slice(half)
            .map(() => REFUSED),
        ],
      });
    });
  } else {
    forward(exchange, (status, text, type) => {
      if (fault === 'cut after') incoming.socket.destroy();
      else answer.writeHead(status, { 'content-type': type, 'x-elastic-product': 'Elasticsearch' }).end(text);
    });
  }
}

const REFUSED = { create: { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'queue full' } } };

function itemsOf(body: Buffer): string[] {
  return body
    .toString('utf8')
    .split('\n')
    .filter((_, line) => line % 2 === 0)
    .filter((line) => line !== '');
}

function reply(answer: ServerResponse, status: number, body: object): void {
  answer.writeHead(status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' }).end(JSON.stringify(body));
}

function forward({ target, incoming, answer, body }: Exchange, done: (status: number, text: string, type: string) => void): void {
  if (body.length <= 1 && incoming.url?.startsWith('/_bulk') === true) {
    done(200, '{"items":[]}', 'application/json');
    return;
  }
  const { host: _host, ...headers } = incoming.headers;
  const url = new URL(incoming.url ?? '/', target);
  const outgoing = request(url, { method: incoming.method, headers: { ...headers, 'content-length': body.length } }, (response) => {
    void passOn(response, done);
  });
  outgoing.on('error', () => answer.destroy());
  outgoing.end(body);
}

async function passOn(response: IncomingMessage, done: (status: number, text: string, type: string) => void): Promise<void> {
  const text = await bodyOf(response);
  done(response.statusCode ?? 502, text.toString('utf8'), response.headers['content-type'] ?? 'application/json');
}

async function bodyOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}
