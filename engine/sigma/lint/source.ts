/** The text of a file by lines, and edits of what the YAML reader saw in it. */
import type { Place } from '../errors.ts';
import type { LintEdit, LintFix } from './model.ts';

export interface ScalarText {
  readonly from: number;
  readonly to: number;
  readonly quote: '' | "'" | '"';
}

export class Source {
  readonly text: string;
  private readonly starts: number[] = [0];

  constructor(text: string) {
    this.text = text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.starts.push(at + 1);
  }

  get lines(): number {
    return this.starts.length;
  }

  offset(place: Place): number {
    return (this.starts[place.line - 1] ?? this.text.length) + place.column - 1;
  }

  /** The line without its end. */
  line(number: number): string {
    const end = this.starts[number] ?? this.text.length + 1;
    return this.text.slice(this.starts[number - 1] ?? this.text.length, Math.max(0, end - 1));
  }

  /** Where a scalar on one line stands; undefined for block scalars, anchors, and what runs over several lines. */
  scalar(place: Place): ScalarText | undefined {
    const from = this.offset(place);
    const rest = this.line(place.line)
      .slice(place.column - 1)
      .replace(/\r$/, '');
    const found = /^'(?:[^']|'')*'|^"(?:[^"\\]|\\.)*"/.exec(rest);
    if (found !== null) return { from, to: from + found[0].length, quote: found[0].startsWith("'") ? "'" : '"' };
    if (/^['"|>&*![{]/.test(rest)) return undefined;
    const plain = /^.*?(?=\s+#|:\s|:$|\s*$)/.exec(rest)?.[0] ?? '';
    return plain === '' || /[\][{},]/.test(plain) ? undefined : { from, to: from + plain.length, quote: '' };
  }

  /** Writes another text where a scalar stands, quoted as it was; undefined where that would not be safe. */
  replace(place: Place, was: string, becomes: string): LintEdit | undefined {
    const found = this.scalar(place);
    if (found === undefined) return undefined;
    const { from, to, quote } = found;
    const quoted = quote === "'" ? `'${becomes.replaceAll("'", "''")}'` : quote === '"' ? JSON.stringify(becomes) : becomes;
    const before = quote === "'" ? `'${was.replaceAll("'", "''")}'` : quote === '"' ? JSON.stringify(was) : was;
    if (this.text.slice(from, to) !== before) return undefined;
    if (quote === '' && !/^[\w./|*-][\w ./|*-]*$/.test(becomes)) return undefined;
    return { from, to, text: quoted };
  }

  /** Takes out the line of a list's entry that stands alone on it. */
  removeEntry(place: Place): LintEdit | undefined {
    const found = this.scalar(place);
    const line = this.line(place.line).replace(/\r$/, '');
    if (found === undefined || !/^\s*-\s+$/.test(line.slice(0, place.column - 1))) return undefined;
    const start = this.starts[place.line - 1] ?? 0;
    if (!/^\s*$/.test(line.slice(found.to - start))) return undefined;
    return { from: start, to: this.starts[place.line] ?? this.text.length, text: '' };
  }
}

/** A fix of one edit, or none. */
export function fixWith(description: string, edit: LintEdit | undefined): LintFix | undefined {
  return edit === undefined ? undefined : { description, edits: [edit] };
}
