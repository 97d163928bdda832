/** The server's settings, read from the environment once, at the start. */
import type { Static } from 'typebox';
import { configError } from './errors.ts';
import { valueOf } from './setting.ts';
import { SETTINGS } from './settings.ts';

type Settings = typeof SETTINGS;

/** Values as the parts take them: milliseconds, bytes, null for no limit. */
export type Config = { readonly [Name in keyof Settings]: Static<Settings[Name]['kind']> } & {
  /** Variables that look like settings and are none: most likely misspelt. For main to warn about. */
  readonly unknown: readonly string[];
};

/** Variables with this prefix that belong to the command line, the toolchain and the tests. */
const ELSEWHERE = new Set(['VONG_URL', 'VONG_TOKEN', 'VONG_NODE', 'VONG_SHARED', 'VONG_CHROMIUM', 'VONG_EVTX_ORACLE', 'VONG_API']);

/** Reads every setting; throws CONFIG_INVALID that names every problem, not the first alone. */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, from] of Object.entries(SETTINGS)) {
    const outcome = valueOf(from, env);
    if ('problem' in outcome) problems.push(outcome.problem);
    else values[name] = outcome.value;
  }
  if (problems.length > 0) throw configError('CONFIG_INVALID', { problems: problems.map((problem) => `- ${problem}`).join('\n') });
  const known = new Set<string>(Object.values(SETTINGS).map((from) => from.variable));
  const unknown = Object.keys(env).filter((name) => name.startsWith('VONG_') && !known.has(name) && !ELSEWHERE.has(name));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each value was checked against its setting's type above
  return { ...values, unknown } as unknown as Config;
}
