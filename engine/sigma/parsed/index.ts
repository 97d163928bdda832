/**
 * What was read of a Sigma file as one text that can be kept, and taken back in a tenth of the time YAML needs. **What is taken back
 * equals what was read**; a text that was damaged, or written by another version, is no more than a reason to read the YAML again.
 */
import type { SigmaDocuments } from '../parse/documents.ts';
import { documents } from './documents.ts';

/** Raised whenever the parser makes something else of a file, or the model or this form changes; a test holds it. */
export const PARSED_FORMAT = 1;

const HEAD = /^(\d{1,6})\.([0-9a-f]{8})\./;

/** `yaml`: the text that was parsed; what stands in it is not written once more. One line of text. */
export function encodeParsed(parsed: SigmaDocuments, yaml: string): string {
  const body = JSON.stringify(documents.encode(parsed, yaml));
  return `${PARSED_FORMAT}.${checksum(body, 0)}.${body}`;
}

/** `yaml`: the same text; without it the `source` of each document is empty. Undefined for what this version did not write. */
export function decodeParsed(encoded: string, yaml = ''): SigmaDocuments | undefined {
  const [head, format, sum] = HEAD.exec(encoded) ?? [];
  if (head === undefined || Number(format) !== PARSED_FORMAT) return undefined;
  if (checksum(encoded, head.length) !== sum) return undefined;
  try {
    return documents.decode(JSON.parse(encoded.slice(head.length)), yaml);
  } catch {
    // Whatever is wrong with it: the YAML is still there.
    return undefined;
  }
}

/** FNV-1a over the UTF-16 units from a place on: a character that is another one always shows. */
function checksum(text: string, from: number): string {
  let sum = 0x811c9dc5;
  for (let at = from; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  return (sum >>> 0).toString(16).padStart(8, '0');
}
