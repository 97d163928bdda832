/**
 * Where the servers of the tests come from, decided here for all of them: `VONG_TEST_SERVERS=native` installs and starts them on this
 * machine, `VONG_TEST_SERVERS=containers` starts them in containers. Without it: natively where that can be had, else in containers.
 */
import { imageOf, type ServerName } from './containers/images.ts';
import { tryInstall } from './native.ts';

export type Available =
  | { readonly ok: true; readonly way: 'native'; /** Folder of the server. */ readonly home: string }
  | { readonly ok: true; readonly way: 'containers'; readonly image: string }
  | { readonly ok: false; readonly why: string };

const known = new Map<ServerName, Promise<Available>>();

/** Whether there is one, and how (found out once in this process). With CI set, one that cannot be had is an error. */
export function available(name: ServerName): Promise<Available> {
  const found = known.get(name) ?? find(name);
  known.set(name, found);
  return found;
}

/** Why a server cannot run here; undefined when it can. */
export async function missing(name: ServerName): Promise<string | undefined> {
  const found = await available(name);
  return found.ok ? undefined : found.why;
}

async function find(name: ServerName): Promise<Available> {
  const wanted = process.env['VONG_TEST_SERVERS'] ?? '';
  if (!['', 'native', 'containers'].includes(wanted)) throw new Error(`VONG_TEST_SERVERS is native or containers, not ${wanted}`);
  const reasons: string[] = [];
  if (wanted !== 'containers') {
    const found = await tryInstall(name);
    if (found.ok) return { ok: true, way: 'native', home: found.home };
    reasons.push(`on this machine: ${found.why}`);
  }
  if (wanted !== 'native') {
    const found = await imageOf(name);
    if (found.ok) return { ok: true, way: 'containers', image: found.image };
    reasons.push(`in a container: ${found.why}`);
  }
  const why = reasons.join('; ');
  if (process.env['CI']) throw new Error(`${name} cannot be had: ${why}`);
  return { ok: false, why };
}
