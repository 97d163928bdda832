/**
 * The XML Windows and Sysmon for Linux write for one event: elements, attributes, text, entities. Comes out in the shape of
 * `evtx_dump`: `#attributes` and `#text`, a list where names repeat. No DTD, no external entities: nothing is ever fetched or expanded.
 */
import { LIMITS } from '../contracts.ts';
import type { JsonObject } from './json.ts';

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

interface Open {
  readonly name: string;
  readonly children: JsonObject;
  attributes?: JsonObject;
  text: string;
}

export interface ParsedXml {
  readonly value: JsonObject;
  /** The text ended before the element did: senders cut long messages, and what is left must still be seen. */
  readonly truncated: boolean;
}

/** `{root: …}`, or undefined when the text is not one element, is wrongly nested or nests too deep. Linear. */
export function parseXml(source: string): ParsedXml | undefined {
  const root: Open = { name: '', children: {}, text: '' };
  const stack: Open[] = [root];
  let at = 0;
  while (at < source.length) {
    const open = source.indexOf('<', at);
    const top = stack.at(-1);
    if (top === undefined) return undefined;
    top.text += decode(source.slice(at, open < 0 ? undefined : open));
    const close = open < 0 ? -1 : endOfTag(source, open);
    if (close < 0) break;
    const tag = source.slice(open + 1, close);
    at = close + 1;
    if (tag.startsWith('![CDATA[')) top.text += tag.slice(8, -2);
    else if (!tag.startsWith('?') && !tag.startsWith('!') && !step(stack, tag)) return undefined;
    if (stack.at(-1) !== top && stack.at(-1)?.name === 'Data') at = dataText(stack, source, at);
  }
  const truncated = stack.length > 1;
  for (
    let child = stack.pop(), parent = stack.at(-1);
    child !== undefined && parent !== undefined;
    child = stack.pop(), parent = stack.at(-1)
  ) {
    add(parent, child);
  }
  return Object.keys(root.children).length === 1 ? { value: root.children, truncated } : undefined;
}

/** `Data` holds text only: what looks like a tag in there is part of a command line some writer did not escape. */
function dataText(stack: Open[], source: string, at: number): number {
  const end = source.indexOf('</Data>', at);
  const element = stack.at(-1);
  if (element !== undefined) element.text = decode(source.slice(at, end < 0 ? undefined : end));
  return end < 0 ? source.length : end;
}

function endOfTag(source: string, open: number): number {
  if (source.startsWith('<![CDATA[', open)) {
    const end = source.indexOf(']]>', open);
    return end < 0 ? -1 : end + 2;
  }
  let at = open + 1;
  for (; at < source.length; at++) {
    const char = source[at];
    if (char === '>') return at;
    if (char === '"' || char === "'") {
      at = source.indexOf(char, at + 1);
      if (at < 0) return -1;
    }
  }
  return -1;
}

/** Opens or closes one element; false when the nesting is wrong. */
function step(stack: Open[], tag: string): boolean {
  if (tag.startsWith('/')) {
    const done = stack.pop();
    const parent = stack.at(-1);
    if (done === undefined || parent === undefined || done.name !== tag.slice(1).trim()) return false;
    add(parent, done);
    return true;
  }
  const empty = tag.endsWith('/');
  const element = openTag(empty ? tag.slice(0, -1) : tag);
  const parent = stack.at(-1);
  if (element === undefined || parent === undefined || stack.length > LIMITS.jsonDepth) return false;
  if (empty) add(parent, element);
  else stack.push(element);
  return true;
}

function openTag(tag: string): Open | undefined {
  let end = 0;
  while (end < tag.length && !isSpace(tag, end)) end++;
  const name = tag.slice(0, end);
  if (name === '' || name === '__proto__' || name.includes('<')) return undefined;
  const element: Open = { name, children: {}, text: '' };
  let at = end;
  for (;;) {
    while (at < tag.length && isSpace(tag, at)) at++;
    if (at >= tag.length) return element;
    const equals = tag.indexOf('=', at);
    if (equals < 0) return undefined;
    let open = equals + 1;
    while (open < tag.length && isSpace(tag, open)) open++;
    const quote = tag[open];
    if (quote !== '"' && quote !== "'") return undefined;
    const close = tag.indexOf(quote, open + 1);
    if (close < 0) return undefined;
    const key = tag.slice(at, equals).trim();
    if (key !== '__proto__') (element.attributes ??= {})[key] = decode(tag.slice(open + 1, close));
    at = close + 1;
  }
}

function isSpace(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 32 || (code >= 9 && code <= 13);
}

function add(parent: Open, child: Open): void {
  const value = finished(child);
  const before = Object.hasOwn(parent.children, child.name) ? parent.children[child.name] : undefined;
  if (before === undefined) parent.children[child.name] = value;
  else if (Array.isArray(before)) before.push(value);
  else parent.children[child.name] = [before, value];
}

function finished(element: Open): unknown {
  const leaf = Object.keys(element.children).length === 0;
  if (leaf && element.attributes === undefined) return element.text;
  const result: JsonObject = element.children;
  if (element.attributes !== undefined) result['#attributes'] = element.attributes;
  if (leaf) result['#text'] = element.text;
  return result;
}

function decode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x[0-9a-fA-F]{1,6}|#[0-9]{1,7}|[a-z]{2,4});/g, (whole, name: string) => {
    if (name.startsWith('#')) {
      const code = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    }
    return ENTITIES[name] ?? whole;
  });
}
