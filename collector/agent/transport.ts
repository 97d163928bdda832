/** One kept-alive connection to the gateway. */
import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { agentError } from './errors.ts';

/** Files in PEM. `cert` and `key` go together: the agent then proves itself with a certificate as well. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface Answer {
  readonly status: number;
  /** Milliseconds the server asks to wait. */
  readonly retryAfter: number | undefined;
  readonly body: string;
}

export interface Transport {
  /** Rejects when no complete answer came within the time. */
  post(path: string, headers: Readonly<Record<string, string>>, body: Uint8Array): Promise<Answer>;
  close(): void;
}

export interface TransportOptions {
  /** Where the gateway is: `https://soc.example.vn`, with a path if it is behind one. */
  readonly server: string;
  readonly tls?: TlsFiles;
  readonly timeout: number;
}

const ANSWER_BYTES = 64 * 1024;

export function createTransport(options: TransportOptions): Transport {
  const base = parseServer(options.server);
  const secure = base.protocol === 'https:';
  const keep = { keepAlive: true, maxSockets: 2 };
  const agent = secure ? new HttpsAgent({ ...keep, ...readTls(options.tls) }) : new HttpAgent(keep);
  const send = secure ? httpsRequest : httpRequest;
  return {
    post: (path, headers, body) =>
      new Promise((resolve, reject) => {
        const url = new URL(base.pathname.replace(/\/$/, '') + path, base);
        const request = send(url, { method: 'POST', agent, headers: { ...headers, 'content-length': String(body.length) } }, (response) => {
          readAnswer(response).then(resolve, reject);
        });
        const timer = setTimeout(() => request.destroy(new Error(`no answer within ${options.timeout / 1000} s`)), options.timeout);
        request.on('error', reject);
        request.on('close', () => clearTimeout(timer));
        request.end(body);
      }),
    close: () => agent.destroy(),
  };
}

function parseServer(server: string): URL {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw agentError('AGENT_BAD_OPTIONS', { reason: `"${server}" is not an http or https address` });
  }
  return url;
}

function readTls(tls: TlsFiles = {}): { ca?: Buffer; cert?: Buffer; key?: Buffer } {
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw agentError('AGENT_BAD_OPTIONS', { reason: 'a client certificate and its key must be given together' });
  }
  return Object.fromEntries(Object.entries(tls).map(([name, path]) => [name, readPem(path)]));
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw agentError('AGENT_BAD_OPTIONS', { reason: `${path} cannot be read` }, error);
  }
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= ANSWER_BYTES) chunks.push(chunk);
  }
  const retryAfter = parseRetryAfter(response.headers['retry-after'], response.headers.date);
  return { status: response.statusCode ?? 0, retryAfter, body: Buffer.concat(chunks).toString('utf8') };
}

/** Seconds or a date (RFC 9110, 10.2.3); a date is measured against the server's own clock. */
export function parseRetryAfter(value: string | undefined, serverDate: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,6}$/.test(value)) return Number(value) * 1000;
  const wait = Date.parse(value) - Date.parse(serverDate ?? '');
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}
