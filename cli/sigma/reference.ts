/** Makes docs/reference/sigma-lint.md from the catalogue of checks: `node cli/sigma/reference.ts --write`. A test holds the page to it. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CHECKS } from 'sigma-rules-ts/lint';

export const LINT_PAGE = fileURLToPath(new URL('../../docs/reference/sigma-lint.md', import.meta.url));

export function lintReference(): string {
  const rows = Object.entries<{ severity: string; what: string; fixable?: true }>(CHECKS).map(
    ([code, { severity, what, fixable }]) =>
      `| \`${code}\` | ${severity} | ${fixable === true ? 'yes' : ''} | ${what.replaceAll('|', '\\|')} |`,
  );
  return `# Checks of Sigma rules

<!-- Made by \`node cli/sigma/reference.ts --write\`; do not edit by hand. -->

\`./vong sigma lint DIR\` looks at rules, correlations and filters; \`lintSigma\` of \`sigma-rules-ts/lint\` is the same as a function.
An **error** is what the engine refuses, the specification forbids, or what can never match; a **warning** is hardly what was meant;
an **info** is a matter of cost or style. \`--fix\` writes the fixes that leave what a rule matches as it is, or that can only be what was
meant; \`--dry-run\` shows them. A check is left out with \`--ignore CHECK\`.

| check | severity | fix | what it finds |
|---|---|---|---|
${rows.join('\n')}

## What the checks know

- **The schema** (\`engine/sigma/lint/schema.ts\`): the JSON schemas of the specification 2.1 as tables. A test holds them to the schema files.
- **ATT&CK** (\`engine/sigma/lint/attack.ts\`): ids of the techniques and tactics of ATT&CK for Enterprise 19, and what replaced those that were revoked.
  They are facts without texts. To refresh them for a new version of ATT&CK, take the ids that are neither revoked nor deprecated from its
  STIX bundle (\`enterprise-attack.json\`, objects \`attack-pattern\` and \`x-mitre-tactic\`), and the pairs of its \`revoked-by\` relations. A test
  fails when SigmaHQ's rules name a technique or tactic the list lacks.
- **Fields** (\`engine/sigma/lint/fields.ts\`): the fields of Windows events of one layout (Sysmon 4.90 and PowerShell), with what the taxonomy
  appendix adds. Fields that a pipeline of \`rules/pipelines\` maps are known besides. Log sources whose events vary are not checked.
  To refresh them, take the fields of \`sysmon64 -s\`.
- **Log sources**: those of the pipelines that are given (\`--pipelines\`).
- **Today**, for dates that lie in the future.
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv.includes('--write')) writeFileSync(LINT_PAGE, lintReference());
