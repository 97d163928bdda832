/** For tests: Sigma files with every modifier, kind of value, condition and document, so that a change of the model or the parser shows. */

const MODIFIED = [
  "plain: ['a*b?c\\*', '', 7, true, null]",
  'contains|contains: [one, tw%o]',
  'starts|startswith|cased: One',
  'ends|endswith|windash: [-x, /y]',
  "all|contains|all: ['a', 'b']",
  "not|neq: 'a'",
  "re|re|i|m|s: 'a+b'",
  "expand|expand|contains: 'a%name%b'",
  'ref|fieldref|startswith: other',
  'network|cidr: [10.0.0.0/8, "2001:db8::/32"]',
  'more|gt: 1.5',
  'atLeast|gte: "-0"',
  'less|lt: 1e3',
  'atMost|lte: 0x10',
  'there|exists: false',
  'minute|minute: 1',
  'hour|hour|gte: 22',
  'day|day: 31',
  'week|week: 53',
  'month|month: 12',
  'year|year: 2026',
  "offsets|base64offset|contains: 'http'",
  "wide|wide|base64: 'đ'",
  "le|utf16le|base64: 'a'",
  "be|utf16be|base64: 'a'",
  "bom|utf16|base64offset|windash: '-a'",
];

const RULES = `title: Everything
id: 00000000-0000-4000-8000-000000000001
name: everything
taxonomy: own
status: test
level: critical
description: |
    Two
    lines "đ" \\
license: CC0
author: A
date: 2026-11-22
modified: 2026-11-23
references: [https://example.org]
tags: [attack.t1059.001]
fields: [a, b]
falsepositives: [none]
scope: [server]
related: [{id: 00000000-0000-4000-8000-000000000002, type: derived}]
logsource: {product: Windows, service: Security, category: process_creation, definition: A text}
detection:
    selection:
${MODIFIED.map((line) => `        ${line}`).join('\n')}
    list: [{__proto__: 1, b: 2}, {constructor: [3, 4]}]
    words: [alpha, 'be*ta', 3]
    some_a: {A|all: [1, 2]}
    some_b: [{B: b}]
    condition: [selection and not (list or words), 1 of some_*, not all of them, 2 of some_* | near selection]
---
title: No id
logsource: {category: test}
detection: {keywords: ['*'], condition: keywords}
`;

const OTHERS = `title: Correlation
name: many
generate: true
correlation: {type: value_percentile, rules: [everything], group-by: [User, Host], timespan: 5m,
    aliases: {user: {everything: User}}, condition: {field: size, percentile: 95, gte: -0, lt: 1.5}}
---
title: In words
id: c2
level: high
description: D
author: A
date: 2026-11-22
modified: 2026-11-23
correlation: {type: temporal, rules: [a, b, c], group-by: [], timespan: 1h, condition: a and not (b or c)}
---
title: Filter
id: f1
description: D
date: 2026-11-22
modified: 2026-11-23
logsource: {product: windows}
filter: {rules: [everything, other], selection: {User|startswith: adm_}, condition: not selection}
---
title: Any filter
logsource: {product: windows}
filter: {rules: any, selection: {User: a}, condition: selection}
---
title: Bad
logsource: {product: windows}
detection: {selection: {A|nothing: b}, condition: selection}
---
- no map
---
title: [
`;

export const SAMPLES = [
  { file: 'rules.yml', text: RULES.replace(', 2 of some_* | near selection', '') },
  { file: 'others.yml', text: OTHERS },
  { file: 'aggregation.yml', text: RULES },
  { file: 'empty.yml', text: '' },
] as const;
