/** Every check: its severity, what it finds, and what to do. `docs/reference/sigma-lint.md` is written from it. */
import type { LintSeverity } from './model.ts';

interface Check {
  readonly severity: LintSeverity;
  /** What is wrong, and why it matters. */
  readonly what: string;
  /** Whether `--fix` can put it right in at least some cases. */
  readonly fixable?: true;
}

const check = (severity: LintSeverity, what: string): Check => ({ severity, what });
const fixable = (severity: LintSeverity, what: string): Check => ({ severity, what, fixable: true });

export const CHECKS = {
  // The file
  unreadable: check('error', 'The YAML cannot be read, or is larger or deeper than allowed.'),
  'not-a-rule': check('error', 'The document is neither a rule, a correlation nor a filter.'),
  'refused-rule': check('error', 'The engine refuses the rule for a reason no other check names.'),
  'trailing-space': fixable('info', 'A line ends in spaces or tabs.'),
  'line-ending': fixable('info', 'Lines end in CR LF; the specification asks for LF.'),
  // Attributes
  'missing-attribute': check('error', 'An attribute the specification calls mandatory is missing.'),
  'misspelt-attribute': fixable('warning', 'An attribute is not of the specification and nearly one that is: it has no effect.'),
  'custom-attribute': check('info', 'An attribute is not of the specification; it is kept and has no effect.'),
  'wrong-type': check('error', 'An attribute holds a list, map, text or number where the schema wants something else.'),
  'too-long': check('error', 'A text is longer than the schema allows.'),
  'short-entry': check('warning', 'An entry of a list is shorter than two characters.'),
  'duplicate-entry': fixable('warning', 'An entry stands twice in a list whose entries must be unique.'),
  'unknown-word': fixable('error', 'A value is none of the words the schema allows (status, level, correlation type, kind of relation).'),
  'bad-id': check('warning', 'An id is not a UUID.'),
  'bad-date': fixable('error', 'A date is not written YYYY-MM-DD, or there is no such day.'),
  'future-date': check('warning', 'A date lies in the future.'),
  'modified-before-date': check('warning', 'The rule was modified before it was written.'),
  'missing-level': check('warning', 'The rule has no level: it is taken for medium.'),
  'missing-id': check('warning', 'The rule has no id: nothing can refer to it for good.'),
  'missing-status': check('info', 'The rule has no status: it is taken for experimental.'),
  'missing-description': check('info', 'The rule does not say what it detects.'),
  'missing-references': check('info', 'The rule does not say what it was derived from.'),
  'missing-falsepositives': check('info', 'The rule does not say what else may match.'),
  // Tags
  'bad-tag': fixable('error', 'A tag is not `namespace.value` in lower case.'),
  'unknown-tag-namespace': check('warning', 'A tag’s namespace is not of the specification.'),
  'bad-tag-value': check(
    'warning',
    'A tag of `car`, `cve`, `d3fend`, `detection`, `stp` or `tlp` is not written as its namespace wants it.',
  ),
  'bad-attack-tag': check('error', 'A tag looks like the id of an ATT&CK technique, group, software, … and is not written as one.'),
  'unknown-attack-tag': fixable('warning', 'No technique or tactic of ATT&CK has this name, or it was replaced by another.'),
  // Across files
  'duplicate-id': check('error', 'Two rules have one id.'),
  'duplicate-name': check('error', 'Two rules have one name.'),
  'duplicate-title': check('warning', 'Two rules have one title: people cannot tell their alerts apart.'),
  'unknown-rule': check('warning', 'A correlation or filter refers to a rule that is not there.'),
  // Log source and fields
  'empty-logsource': check('error', 'The log source names neither product, category nor service: the rule never looks at an event.'),
  'logsource-case': fixable('warning', 'A log source is not written in lower case with `_` for spaces.'),
  'unknown-logsource': check('warning', 'No pipeline knows this log source: the rule never looks at an event.'),
  'unknown-field': check('warning', 'No event of this log source has such a field: the item never matches.'),
  // Condition
  'bad-condition': check('error', 'The condition cannot be read.'),
  'missing-detection': check('error', 'The condition names a detection that is not there.'),
  'empty-pattern': check('error', 'A pattern of the condition (`1 of selection_*`) fits no detection.'),
  'unreachable-detection': check('warning', 'No condition names this detection: it has no effect.'),
  'contradicting-condition': check('error', 'The condition asks for a detection and for its opposite: it never holds.'),
  'obsolete-timeframe': check('warning', '`timeframe` belonged to the old aggregations and has no effect; write a correlation.'),
  // Modifiers
  'unknown-modifier': fixable('error', 'A modifier is not of the specification.'),
  'bad-modifiers': check('error', 'Modifiers stand together that exclude each other, or in a wrong order.'),
  'single-all': fixable('warning', '`all` on a single value: the specification does not allow it, and it has no effect.'),
  // Values
  'bad-detection': check('error', 'A detection is empty, or holds what is neither a value, a list nor a map.'),
  'bad-value': check('error', 'A value cannot be what its modifiers ask for (a network, a number, true or false).'),
  'null-in-list': check('warning', '`null` stands in a list of values; the specification wants a detection of its own.'),
  'contradicting-values': check('warning', 'Values on one field exclude each other: the detection never matches a single value.'),
  'duplicate-value': fixable('warning', 'A value stands twice in a list (letter case does not count).'),
  'redundant-value': check('info', 'A value is covered by another one of its list: leaving it out changes nothing.'),
  'matches-anything': check('warning', 'A value matches whatever the field holds; `exists: true` says so plainly.'),
  'needless-wildcard': fixable('info', 'A wildcard stands where the modifier, or a keyword search, puts one anyway.'),
  'defeating-wildcard': check('warning', 'A wildcard at the bound end of `startswith` or `endswith` makes it mean `contains`.'),
  'leading-wildcard': fixable('info', 'A value begins with `*` and has no modifier; `endswith` or `contains` says it plainly.'),
  'short-value': check('info', 'A value of fewer than three characters is looked for anywhere: slow, and it matches a great deal.'),
  'escaped-wildcard': check(
    'warning',
    '`\\*` or `\\?` within a path is a plain star or question mark; a backslash before a wildcard is written `\\\\*`.',
  ),
  'keyword-misuse': check('warning', 'A keyword reads like `field=value`, or keywords and maps stand in one list.'),
  // Regular expressions
  'bad-regex': check('error', 'A regular expression cannot be read, or uses what the specification does not support.'),
  'impossible-regex': check('error', 'A regular expression can match no text at all.'),
  'expensive-regex': check('warning', 'A regular expression can be slow, and no text must be present that could be looked for first.'),
  'wildcard-in-regex': check('warning', 'A regular expression reads like wildcards: `*` repeats what stands before it.'),
  'needless-regex': check(
    'info',
    'A regular expression is plain text: `contains` says the same and costs less (`cased` for its letter case).',
  ),
  'open-regex': fixable('info', 'A regular expression begins or ends with `.*`: it is looked for anywhere without it.'),
  // Correlations and filters
  'bad-correlation': check('error', 'A part of a correlation is not what the specification asks for.'),
  'bad-filter': check('error', 'A part of a filter is not what the specification asks for.'),
} as const satisfies Readonly<Record<string, Check>>;

export type LintCode = keyof typeof CHECKS;
