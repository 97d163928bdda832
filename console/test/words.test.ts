/** The catalogues: complete in both languages, used, alike in their placeholders; and no text anywhere else. */
// oxlint-disable typescript/no-unsafe-type-assertion -- nodes of the syntax tree are known by their type word
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SOURCES, walk, WEB, type Source } from './sources.ts';

interface Book {
  /** Folder whose files use it. */
  readonly folder: string;
  readonly vi: Record<string, string>;
  readonly en: Record<string, string>;
}

const viFiles = SOURCES.map(({ path }) => path).filter((path) => /(^|\/)(words\.vi|words\/vi)\.ts$/.test(path));

async function catalogue(path: string, language: 'vi' | 'en'): Promise<Record<string, string>> {
  const module = (await import(`${WEB}${path}`)) as Record<string, Record<string, string>>;
  return module[language]!;
}

const books: Book[] = await Promise.all(
  viFiles.map(async (path) => ({
    folder: path.includes('words/vi') ? dirname(dirname(path)) : dirname(path),
    vi: await catalogue(path, 'vi'),
    en: await catalogue(path.replace(/vi\.ts$/, 'en.ts'), 'en'),
  })),
);

const placeholders = (text: string): string[] => [...text.matchAll(/\{\{\s*(\w+)/g)].map(([, name]) => name!).sort();
const general = (key: string): string => key.replace(/_(one|other)$/, '');

/** String literals of the folder's files and beginnings of templates: `status.${x}` uses every key that begins with `status.`. */
function usesOf(sources: readonly Source[]): { literals: Set<string>; beginnings: string[] } {
  const literals = new Set<string>();
  const beginnings: string[] = [];
  for (const source of sources) {
    walk(source, (node) => {
      if (node.type === 'Literal' && typeof node['value'] === 'string') literals.add(node['value']);
      if (node.type !== 'TemplateLiteral') return;
      const [first, ...rest] = node['quasis'] as { value: { cooked: string } }[];
      if (rest.length > 0 && first!.value.cooked.endsWith('.')) beginnings.push(first!.value.cooked);
    });
  }
  return { literals, beginnings };
}

describe.each(books)('the words of $folder', ({ folder, vi, en }) => {
  it('are the same keys in Vietnamese and English', () => {
    expect(
      Object.keys(en)
        .map(general)
        .filter((key) => !(key in vi)),
    ).toEqual([]);
    expect(Object.keys(vi).filter((key) => !(key in en))).toEqual([]);
  });

  it('have the same placeholders in both languages', () => {
    const differing = Object.entries(en).filter(([key, text]) => {
      const wanted = placeholders(vi[general(key)] ?? '');
      // "one alert" need not say the number.
      const said = key.endsWith('_one') ? wanted.filter((name) => name !== 'count') : wanted;
      return !said.every((name) => placeholders(text).includes(name)) || !placeholders(text).every((name) => wanted.includes(name));
    });
    expect(differing).toEqual([]);
  });

  it('are none of them empty, and shout nowhere', () => {
    const texts = [...Object.entries(vi), ...Object.entries(en)];
    expect(texts.filter(([, text]) => text.trim() === '' || /[!…]$|\p{Extended_Pictographic}/u.test(text))).toEqual([]);
  });

  it('are all used', () => {
    const files = SOURCES.filter(({ path }) => path.startsWith(`${folder}/`) && !/words/.test(path));
    const { literals, beginnings } = usesOf(files);
    const unused = Object.keys(vi).filter((key) => !literals.has(key) && !beginnings.some((begin) => key.startsWith(begin)));
    expect(unused).toEqual([]);
  });
});

const TEXT_ATTRIBUTES = new Set(['label', 'title', 'placeholder', 'aria-label', 'alt', 'description', 'error', 'children']);
const LETTERS = /\p{L}{2,}/u;

function literalText(source: Source): string[] {
  const found: string[] = [];
  walk(source, (node) => {
    if (node.type === 'JSXText' && LETTERS.test(String(node['value']))) found.push(String(node['value']).trim());
    if (node.type !== 'JSXAttribute') return;
    const name = (node['name'] as { name: unknown }).name;
    const value = node['value'] as { type: string; value?: unknown } | null;
    if (typeof name === 'string' && TEXT_ATTRIBUTES.has(name) && value?.type === 'Literal' && LETTERS.test(String(value.value))) {
      found.push(`${name}="${String(value.value)}"`);
    }
  });
  return found;
}

describe('components', () => {
  it('hold no text of their own', () => {
    const found = SOURCES.filter(({ path }) => path.endsWith('.tsx')).flatMap((source) =>
      literalText(source).map((text) => `${source.path}: ${text}`),
    );
    expect(found).toEqual([]);
  });

  it('are seen by this test: text is found where it stands', () => {
    const source = { path: 'x.tsx', text: 'export const X = () => <p title="Đóng">Xin chào <b>{1}</b></p>;' };
    expect(literalText(source)).toEqual(['title="Đóng"', 'Xin chào']);
  });
});
