/** The console's source files, parsed: for the tests that hold its rules. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'rolldown/parseAst';

export const WEB = fileURLToPath(new URL('../web/', import.meta.url));

export interface Source {
  /** From `web/`, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const SKIPPED = /^(dist|node_modules)\/|\.test\.tsx?$|\.config\.ts$/;

export const SOURCES: readonly Source[] = readdirSync(WEB, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path) && !SKIPPED.test(path))
  .sort()
  .map((path) => ({ path, text: readFileSync(join(WEB, path), 'utf8') }));

export interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** Calls `visit` with every node of the source, parents first. */
export function walk(source: Source, visit: (node: Node) => void): void {
  const go = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) go(item);
    else if (isNode(value)) {
      visit(value);
      for (const part of Object.values(value)) if (typeof part === 'object') go(part);
    }
  };
  go(parseAst(source.text, { lang: source.path.endsWith('x') ? 'tsx' : 'ts' }).body);
}
