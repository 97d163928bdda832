/** The server's own agent: follows this machine's logs and sends them through the same front door as every other agent. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@vong/platform/logger';
import { startAgent, type Agent } from './agent.ts';
import { defaultSources } from './sources.ts';

export interface LocalAgentOptions {
  /** Address of this very server. */
  readonly server: string;
  readonly data: string;
  readonly logger: Logger;
  /** Whether the token kept from an earlier start still works. */
  readonly valid: (token: string) => Promise<boolean>;
  /** Enrols the agent when there is no token, or it was revoked. */
  readonly enrol: () => Promise<string>;
}

/** Undefined when this machine has no log to follow. */
export async function startLocalAgent(options: LocalAgentOptions): Promise<Agent | undefined> {
  const sources = await defaultSources();
  if (sources.journald !== true && (sources.files ?? []).length === 0) return undefined;
  await mkdir(options.data, { recursive: true, mode: 0o700 });
  const file = join(options.data, 'token');
  let token = await readFile(file, 'utf8').catch(() => '');
  if (token === '' || !(await options.valid(token))) {
    token = await options.enrol();
    await writeFile(file, token, { mode: 0o600 });
  }
  return startAgent({ server: options.server, token, data: options.data, sources, logger: options.logger });
}
