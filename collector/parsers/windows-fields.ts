/** Small readers shared by the two describers of Windows events: an absent value is undefined, empty or `-`. */
import { type Draft, baseName, directory } from './event.ts';
import type { JsonObject } from './json.ts';

type Process = NonNullable<Draft['process']>;
type User = NonNullable<Draft['user']>;

export function field(data: JsonObject, name: string): string | undefined {
  const value = data[name];
  if (typeof value === 'string') return value === '' || value === '-' ? undefined : value;
  return typeof value === 'number' ? String(value) : undefined;
}

/** `DOMAIN\name` or `name` → user. */
export function account(name: string | undefined): User | undefined {
  if (name === undefined) return undefined;
  const slash = name.indexOf('\\');
  return slash > 0 ? { domain: name.slice(0, slash), name: name.slice(slash + 1) } : { name };
}

/** Name, domain and id from three fields; undefined when the name says nothing. */
export function person(data: JsonObject, prefix: 'Subject' | 'Target'): User | undefined {
  const name = field(data, `${prefix}UserName`);
  if (name === undefined) return undefined;
  const user: User = { name };
  const domain = field(data, `${prefix}DomainName`);
  const id = field(data, `${prefix}UserSid`);
  if (domain !== undefined) user.domain = domain;
  if (id !== undefined) user.id = id;
  return user;
}

export function executable(process: Process, path: string | undefined): void {
  if (path === undefined) return;
  process.executable = path;
  process.name = baseName(path);
}

/** A file with its name and directory worked out. */
export function file(path: string): { path: string; name: string; directory?: string } {
  const found: { path: string; name: string; directory?: string } = { path, name: baseName(path) };
  const parent = directory(path);
  if (parent !== undefined) found.directory = parent;
  return found;
}

/** `SHA1=…,MD5=…` → lower-case algorithm → lower-case digest. */
export function hashes(value: string | undefined): Record<string, string> | undefined {
  if (value === undefined) return undefined;
  const found: Record<string, string> = {};
  let any = false;
  for (const part of value.split(',', 16)) {
    const equals = part.indexOf('=');
    if (equals <= 0 || equals > 12) continue;
    const name = part.slice(0, equals).trim().toLowerCase();
    if (name === '__proto__') continue;
    found[name] = part
      .slice(equals + 1)
      .trim()
      .toLowerCase();
    any = true;
  }
  return any ? found : undefined;
}
