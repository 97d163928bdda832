/** Finds the lines of a Sigma rule's YAML that matched. Works on the text, so that what is shown is the rule as its author wrote it. */
import type { ExplainMatch } from '@vong/engine/contracts';

interface Line {
  readonly indent: number;
  readonly key: string | undefined;
  readonly value: string;
}

/** Reads `- key: value`, `key:`, `- value`; the indent is that of the key or value itself, dashes counted. */
function readLine(text: string): Line {
  const [, lead = '', rest = ''] = /^((?:\s|-(?=\s))*)(.*)$/.exec(text) ?? [];
  const [, key, value = ''] = /^('[^']*'|"[^"]*"|[^\s'"#[{][^:]*?)\s*:(?:\s+(.*))?$/.exec(rest) ?? [];
  return key === undefined ? { indent: lead.length, key: undefined, value: rest } : { indent: lead.length, key: unquote(key), value };
}

function unquote(text: string): string {
  const plain = text.trim();
  if (/^'.*'$/s.test(plain)) return plain.slice(1, -1).replaceAll("''", "'");
  if (/^".*"$/s.test(plain)) return plain.slice(1, -1).replace(/\\(["\\])/g, '$1');
  return plain.replace(/\s+#.*$/, '');
}

/** Values of `a`, `'a'`, `[a, 'b']`. */
function valuesOf(text: string): string[] {
  const list = /^\[(.*)\]\s*$/.exec(text.trim())?.[1];
  if (list === undefined) return [unquote(text)];
  return (list.match(/'[^']*'|"[^"]*"|[^,\s][^,]*/g) ?? []).map(unquote);
}

function fieldName(key: string): string {
  return key.split('|', 1)[0] ?? '';
}

/** Numbers of matching lines, from 0: the value's line, and the field's line above it. */
export function markYaml(yaml: string, matches: readonly ExplainMatch[]): ReadonlySet<number> {
  const marked = new Set<number>();
  const stack: { indent: number; key: string; line: number }[] = [];
  yaml.split('\n').forEach((text, number) => {
    if (text.trim() === '' || text.trim().startsWith('#')) return;
    const line = readLine(text);
    while ((stack.at(-1)?.indent ?? -1) >= line.indent) stack.pop();
    if (line.key !== undefined) stack.push({ indent: line.indent, key: line.key, line: number });
    const path = stack.map(({ key }) => key);
    if (path[0] !== 'detection') return;
    const field = path.length > 2 ? path.at(-1) : undefined;
    const values = valuesOf(line.value);
    for (const match of matches) {
      if (path[1] !== match.selection || (match.field ?? undefined) !== (field === undefined ? undefined : fieldName(field))) continue;
      if (!values.some((value) => value.toLowerCase() === match.pattern.toLowerCase())) continue;
      marked.add(number);
      const above = stack.at(-1);
      if (field !== undefined && above) marked.add(above.line);
    }
  });
  return marked;
}
