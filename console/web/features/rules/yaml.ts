/** Reads a line of YAML into parts by weight: what a key is, what is a comment. Pure, linear; the parts together are the line. */
export interface YamlPart {
  readonly kind: 'key' | 'mark' | 'comment' | 'text';
  readonly text: string;
}

const KEY = /^([^\s:#'"[\]{},][^:#]*?|'[^']*'|"[^"]*")(:)(?=\s|$)/;

export function yamlParts(line: string): YamlPart[] {
  const parts: YamlPart[] = [];
  const add = (kind: YamlPart['kind'], text: string): void => {
    if (text !== '') parts.push({ kind, text });
  };
  const lead = /^(?:\s|-(?=\s|$))*/.exec(line)?.[0] ?? '';
  let rest = line.slice(lead.length);
  add('mark', lead);
  const key = rest.length > 500 ? null : KEY.exec(rest);
  if (key) {
    add('key', key[1] ?? '');
    add('mark', ':');
    rest = rest.slice(key[0].length);
  }
  const comment = commentStart(rest);
  add('text', rest.slice(0, comment));
  add('comment', rest.slice(comment));
  return parts;
}

/** Where a comment begins: a `#` at the start or after a space, outside of quotes. */
function commentStart(text: string): number {
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote !== '') {
      if (character === '\\' && quote === '"') at += 1;
      else if (character === quote) quote = '';
    } else if ((character === '"' || character === "'") && /^[\s[,{(]?$/.test(text.charAt(at - 1))) quote = character;
    else if (character === '#' && (at === 0 || /\s/.test(text.charAt(at - 1)))) return at;
  }
  return text.length;
}
