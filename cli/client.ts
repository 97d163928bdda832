/**
 * How a command speaks to a running server: address and key from flags, environment (`VONG_URL`, `VONG_TOKEN`) or, on the
 * server's own machine, `operator.json` in its data directory (readable only by the user who runs the server).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { CommandFailure, EXIT } from './exit.ts';

export interface ServerFlags {
  readonly url?: string;
  readonly token?: string;
  readonly data?: string;
}

export interface Client {
  readonly url: string;
  /** Parsed JSON of a successful answer; a `CommandFailure` with the server's message otherwise. */
  request(path: string, options?: { method?: string; body?: unknown; form?: FormData }): Promise<unknown>;
}

/** Adds --url, --token and --data to a command. */
export function withServerFlags(command: Command): Command {
  return command
    .option('--url <url>', 'address of the server (VONG_URL; default: the server of --data)')
    .option('--token <key>', 'API key (VONG_TOKEN; default: the operator key of --data)')
    .option('--data <dir>', 'data directory of a server on this machine (VONG_DATA)');
}

export async function connect(flags: ServerFlags): Promise<Client> {
  const local = await operatorOf(flags.data ?? process.env['VONG_DATA'] ?? 'data');
  const url = flags.url ?? process.env['VONG_URL'] ?? local?.url;
  const token = flags.token ?? process.env['VONG_TOKEN'] ?? local?.token;
  if (url !== undefined && !URL.canParse(url))
    throw new CommandFailure(EXIT.usage, `"${url}" is no address, such as http://127.0.0.1:8080.`);
  if (url === undefined || token === undefined) {
    throw new CommandFailure(EXIT.unreachable, 'No server found: start one with "npm start", or give --url and --token.');
  }
  return { url, request: async (path, options = {}) => await send({ url, token, path, ...options }) };
}

async function operatorOf(directory: string): Promise<{ url: string; token: string } | undefined> {
  try {
    return JSON.parse(await readFile(join(directory, 'operator.json'), 'utf8')) as { url: string; token: string };
  } catch {
    return undefined;
  }
}

async function send(call: {
  url: string;
  token: string;
  path: string;
  method?: string;
  body?: unknown;
  form?: FormData;
}): Promise<unknown> {
  const headers: Record<string, string> = { authorization: `Bearer ${call.token}` };
  if (call.body !== undefined) headers['content-type'] = 'application/json';
  const body = call.form ?? (call.body === undefined ? null : JSON.stringify(call.body));
  let response: Response;
  try {
    response = await fetch(new URL(call.path, call.url), { method: call.method ?? 'GET', headers, body });
  } catch (error) {
    throw new CommandFailure(EXIT.unreachable, `The server at ${call.url} does not answer. Is it running?`, { cause: error });
  }
  const text = await response.text();
  if (response.ok) return text === '' ? undefined : (JSON.parse(text) as unknown);
  throw new CommandFailure(exitOf(response.status), messageOf(text) ?? `The server answered ${response.status}.`);
}

function exitOf(status: number): number {
  if (status === 400 || status === 413 || status === 422) return EXIT.usage;
  return status >= 500 ? EXIT.failed : EXIT.refused;
}

function messageOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { error?: { message?: string } }).error?.message;
  } catch {
    return undefined;
  }
}
