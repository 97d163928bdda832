/** What a server tells the person who started it: the local command line's key, the address, the first administrator's link. */
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Agents } from '@vong/collector/gateway';
import { randomId } from '@vong/platform/ids';
import { ROOT_AGENCY, type Identity, type Scope } from '@vong/platform/identity';

export interface LocalOperator {
  readonly scope: Scope;
  /** Writes `operator.json` (owner only) for `./vong` on this machine. */
  publish(url: string): Promise<void>;
}

/** Makes this start's operator key; the previous one is void. */
export async function localOperator(deps: { identity: Identity; data: string }): Promise<LocalOperator> {
  const token = deps.identity.createOperatorKey();
  const scope = await deps.identity.authenticateKey(token);
  if (scope === undefined) throw new Error('the operator key just made is not accepted');
  const publish = async (url: string): Promise<void> => {
    const text = JSON.stringify({ url, token, pid: process.pid });
    await writeFile(join(deps.data, 'operator.json'), `${text}\n`, { mode: 0o600 });
  };
  return { scope, publish };
}

/** Enrols agents in the name of the local operator: the server's own, and one per replay. */
export function enrolAs(agents: Agents, scope: Scope) {
  const create = async (agency: string, name: string): Promise<{ token: string; id: string }> => {
    const { token, agent } = await agents.create({ scope }, { agency, name }, '');
    return { token, id: agent.id };
  };
  const host =
    hostname()
      .replaceAll(/[^A-Za-z0-9._-]/g, '-')
      .slice(0, 40) || 'server';
  const local = async (): Promise<string> => {
    const taken = (await agents.list(scope)).some((agent) => agent.name === host && agent.state !== 'revoked');
    return (await create(ROOT_AGENCY, taken ? `${host}-${randomId().slice(0, 6)}` : host)).token;
  };
  const retire = async (id: string): Promise<void> => await agents.revoke({ scope }, id);
  return { enrol: create, local, retire };
}

/** Prints the address, and the one-time link while nobody can sign in yet. */
export async function printWelcome(deps: { identity: Identity; url: string }): Promise<void> {
  const link = await deps.identity.createSetupLink();
  const lines = [`Vọng Gác is running at ${deps.url}`];
  if (link !== undefined)
    lines.push(
      '',
      'Set the first administrator’s password with this link (works once, for 24 hours):',
      `  ${new URL(link.path, deps.url).href}`,
    );
  process.stdout.write(`\n${lines.join('\n')}\n\nCtrl-C stops.\n`);
}
