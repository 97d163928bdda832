/** The text of a file, whatever it says: line ends and what stands before them (specification: Yaml File). */
import { CHECKS } from './catalogue.ts';
import type { Finding } from './model.ts';
import type { Source } from './source.ts';

export function checkLayout(source: Source, file: string): Finding[] {
  const findings: Finding[] = [];
  const block = /[|>][+-]?\d?\s*(?:#.*)?\r?$/;
  let literal = -1;
  for (let number = 1; number <= source.lines; number++) {
    const line = source.line(number).replace(/\r$/, '');
    const indent = /^ */.exec(line)?.[0].length ?? 0;
    // Within a block scalar the spaces belong to the value.
    if (literal >= 0 && (line.trim() === '' || indent > literal)) continue;
    literal = block.test(line) && /:\s*[|>]|-\s+[|>]/.test(line) ? indent : -1;
    const bare = line.trimEnd();
    if (bare === line || /^\s*$/.test(line)) continue;
    const from = source.offset({ line: number, column: bare.length + 1 });
    findings.push({
      code: 'trailing-space',
      severity: CHECKS['trailing-space'].severity,
      file,
      line: number,
      column: bare.length + 1,
      message: `${line.length - bare.length} spaces at the end of the line.`,
      fix: { description: 'take them out', edits: [{ from, to: from + line.length - bare.length, text: '' }] },
    });
  }
  return [...findings, ...checkLineEnds(source, file)];
}

function checkLineEnds(source: Source, file: string): Finding[] {
  const ends = [...source.text.matchAll(/\r\n/g)].map((found) => found.index);
  if (ends.length === 0) return [];
  const edits = ends.map((at) => ({ from: at, to: at + 1, text: '' }));
  const message = `${ends.length} lines end in CR LF.`;
  const fix = { description: 'end them in LF', edits };
  return [{ code: 'line-ending', severity: CHECKS['line-ending'].severity, file, line: 1, column: 1, message, fix }];
}
