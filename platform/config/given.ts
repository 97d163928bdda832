/** Where a setting's text comes from: the environment before the file, a value or the name of a file that holds it. */
import { FILE_LIMITS, readConfigFile, type ConfigFile, type KnownKeys } from './file.ts';
import { holdsSecret, type Given, type Setting } from './setting.ts';
import { readTextFile } from './text-file.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names the configuration file. */
export const FILE_VARIABLE = 'VONG_CONFIG';

/** Every setting in the file, and each as the name of a file that holds its value. */
function keysOf(settings: readonly Setting[]): KnownKeys {
  return new Map(settings.flatMap(({ key, list }) => [[key, { list: list === true }] as const, [`${key}_file`, { list: false }] as const]));
}

/** What was given for each setting; what is wrong goes to `problems`. */
export class Sources {
  readonly problems: string[] = [];
  readonly #env: Environment;
  readonly #file: ConfigFile | undefined;
  readonly #path: string;

  constructor(env: Environment, settings: readonly Setting[]) {
    this.#env = env;
    this.#path = env[FILE_VARIABLE]?.trim() ?? '';
    this.#file = this.#path === '' ? undefined : readConfigFile(this.#path, keysOf(settings));
    this.problems.push(...(this.#file?.problems ?? []));
  }

  /** Undefined when it is given nowhere; null when something was given that cannot be read. */
  find(from: Setting): Given | undefined | null {
    const named = `${from.variable}_FILE`;
    const inEnv = { value: this.#variable(from.variable), file: this.#variable(named) };
    if (inEnv.value !== undefined && inEnv.file !== undefined)
      return this.#wrong(`${from.variable} and ${named} are both given: keep one.`);
    if (inEnv.value !== undefined) return { text: trimmed(from, inEnv.value), where: from.variable };
    if (inEnv.file !== undefined) return this.#content(from, inEnv.file.trim(), named);

    const value = this.#file?.entries.get(from.key);
    const file = this.#file?.entries.get(`${from.key}_file`);
    if (value && file) return this.#wrong(`${value.where} and ${file.where} are both given: keep one.`);
    if (file) return this.#content(from, file.text.trim(), file.where);
    if (value === undefined) return undefined;
    if (this.#file?.openToEveryone === true && holdsSecret(from, value.text))
      return this.#wrong(
        `${value.where} is a secret in a file that everyone on this machine may read: run chmod o-r ${this.#path}, or give ${from.key}_file.`,
      );
    return { text: trimmed(from, value.text), where: value.where };
  }

  #variable(name: string): string | undefined {
    const text = this.#env[name];
    return text === undefined || text.trim() === '' ? undefined : text;
  }

  /** The value is what a file holds, without the newline at its end. */
  #content(from: Setting, path: string, where: string): Given | null {
    const file = readTextFile(path, FILE_LIMITS.bytes);
    if ('problem' in file)
      return this.#wrong(`${where} names ${JSON.stringify(path.slice(0, 200))}, which cannot be read: ${file.problem}.`);
    const text = file.text.replace(/\r?\n$/, '');
    if (file.openToEveryone && holdsSecret(from, text))
      return this.#wrong(`${where} names ${path}, a secret that everyone on this machine may read: run chmod o-r ${path}.`);
    if (text.trim() === '') return this.#wrong(`${where} names ${path}, which is empty.`);
    return { text: trimmed(from, text), where };
  }

  #wrong(problem: string): null {
    this.problems.push(problem);
    return null;
  }
}

/** A password may begin or end with a space; nothing else does. */
function trimmed(from: Setting, text: string): string {
  return from.secret === 'always' ? text : text.trim();
}
