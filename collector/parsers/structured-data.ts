/** STRUCTURED-DATA of RFC 5424 §6.3: `[id name="value" …]…` or `-`. In values `\"`, `\\` and `\]` are escapes. */
export type StructuredData = Record<string, Record<string, string>>;

const MAX_ELEMENTS = 256;

/** The elements and where the message begins; undefined when the text there is not structured data. */
export function readStructuredData(text: string, start: number): { readonly end: number; readonly elements?: StructuredData } | undefined {
  if (text[start] === '-') return { end: start + 1 };
  const elements: StructuredData = {};
  let at = start;
  for (let count = 0; text[at] === '[' && count < MAX_ELEMENTS; count++) {
    const read = element(text, at + 1);
    if (read === undefined) return undefined;
    if (read.id !== '__proto__') elements[read.id] = read.params;
    at = read.end;
  }
  return at === start ? undefined : { end: at, elements };
}

function element(text: string, start: number): { id: string; params: Record<string, string>; end: number } | undefined {
  let at = start;
  while (at < text.length && text[at] !== ' ' && text[at] !== ']') at++;
  const id = text.slice(start, at);
  const params: Record<string, string> = {};
  while (text[at] === ' ') {
    const equals = text.indexOf('="', at);
    if (equals < 0) return undefined;
    const value = valueAt(text, equals + 2);
    if (value === undefined) return undefined;
    const name = text.slice(at + 1, equals);
    if (name !== '__proto__') params[name] = value.text;
    at = value.end;
  }
  return text[at] === ']' ? { id, params, end: at + 1 } : undefined;
}

function valueAt(text: string, start: number): { text: string; end: number } | undefined {
  let at = start;
  let plain = true;
  for (; at < text.length; at++) {
    if (text[at] === '\\') {
      plain = false;
      at++;
    } else if (text[at] === '"') {
      const value = text.slice(start, at);
      return { text: plain ? value : value.replace(/\\(["\\\]])/g, '$1'), end: at + 1 };
    }
  }
  return undefined;
}
