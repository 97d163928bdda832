/** More rules than there are, for seeing how cost grows with their number: copies whose literals are others of the same kind. */
import type { SigmaRule } from 'sigma-rules-ts';
import { parseCached, type ParsedCache } from '../sigma/cache.ts';

/** The first `count` rules spread over all, or all and copies of them with changed values. */
export function multiplied(rules: readonly SigmaRule[], count: number, cache: ParsedCache | undefined): SigmaRule[] {
  if (count <= rules.length)
    return Array.from({ length: count }, (_, at) => rules[Math.floor((at * rules.length) / count)]).filter((rule) => rule !== undefined);
  const copies = Array.from({ length: count - rules.length }, (_, at) => {
    const rule = rules[at % rules.length];
    return rule === undefined ? [] : parseCached(copyOf(rule, Math.floor(at / rules.length) + 1), rule.file, cache).rules;
  });
  return [...rules, ...copies.flat()];
}

/** Words of five and more letters inside values get other letters in their middle; field names, conditions and regular expressions stay. */
function copyOf(rule: SigmaRule, number: number): string {
  const lines = rule.source.split('\n');
  const from = lines.findIndex((line) => line.startsWith('detection:'));
  const changed = lines.map((line, at) => {
    if (at <= from || /condition:|\|re|timeframe/.test(line) || /^\S/.test(line)) return line;
    const value = /^(\s*(?:-\s+)?(?:[\w|.]+:\s*)?)(.*)$/.exec(line);
    return value === null ? line : `${value[1]}${(value[2] ?? '').replace(/[a-z]{5,}/gi, (word) => mutated(word, number))}`;
  });
  return changed.join('\n').replace(/^id: .*$/m, `id: copy-${number}-${rule.id}`);
}

function mutated(word: string, number: number): string {
  const middle = word.length >> 1;
  const letter = String.fromCharCode(97 + ((word.charCodeAt(middle) + number * 7) % 26));
  return `${word.slice(0, middle)}${letter}${word.slice(middle + 1)}`;
}
