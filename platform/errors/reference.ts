/**
 * Makes docs/reference/errors.md from every catalogue in a file `errors.ts`: `node platform/errors/reference.ts --write`.
 * A test holds the page to it.
 */
import { globSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ErrorEntry } from './index.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CATALOGUE = /^[A-Z][A-Z0-9_]*_ERRORS$/;
const ELSEWHERE = new Set(['node_modules', '.toolchain', 'dist', 'data', '.cache', '.git']);

export const ERRORS_PAGE = join(ROOT, 'docs', 'reference', 'errors.md');

export interface CatalogueOfFile {
  /** Folder of the file, from the root, with '/'. */
  readonly folder: string;
  readonly name: string;
  readonly entries: Readonly<Record<string, ErrorEntry>>;
}

/** Every exported `*_ERRORS` of every `errors.ts`, by folder. */
export async function collectCatalogues(): Promise<readonly CatalogueOfFile[]> {
  const files = globSync('**/errors.ts', { cwd: ROOT, exclude: (path) => path.split(sep).some((part) => ELSEWHERE.has(part)) });
  const found: CatalogueOfFile[] = [];
  for (const file of files.toSorted()) {
    const module: Record<string, unknown> = await import(pathToFileURL(join(ROOT, file)).href);
    // Sorted, because not every module loader lists a module's names in the same order.
    for (const [name, entries] of Object.entries(module).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      if (!CATALOGUE.test(name)) continue;
      if (!isCatalogue(entries)) throw new TypeError(`${name} in ${file} is not an error catalogue`);
      found.push({ folder: file.split(sep).slice(0, -1).join('/'), name, entries });
    }
  }
  return found;
}

/** The page as it must be. */
export async function errorsReference(): Promise<string> {
  const sections = (await collectCatalogues()).map(({ folder, entries }) => {
    const rows = Object.entries(entries).map(([code, { status, message }]) => `| \`${code}\` | ${status} | ${cell(message)} |`);
    return `## ${folder}\n\n| code | status | message |\n|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `# Errors

<!-- Made by \`node platform/errors/reference.ts --write\`; do not edit by hand. -->

Every expected failure has a stable code. Over HTTP it answers with the status and \`{"error": {"code", "message", "details"?}}\`; in
the message, words in braces stand for values of \`details\`. Anything else is a bug: status 500, code \`HTTP_BUG\`, and an incident number that
stands in the server's log with the stack.

${sections.join('\n')}`;
}

function isCatalogue(value: unknown): value is Readonly<Record<string, ErrorEntry>> {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every(
    (entry: unknown) =>
      typeof entry === 'object' && entry !== null && 'status' in entry && 'message' in entry && typeof entry.message === 'string',
  );
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

if (import.meta.main && process.argv.includes('--write')) writeFileSync(ERRORS_PAGE, await errorsReference());
