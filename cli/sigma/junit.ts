/** Test results in the XML that build servers read (JUnit's, as its consumers agree on it). */
import type { CaseResult } from './run.ts';

export function junit(results: readonly CaseResult[], seconds: number): string {
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  const skipped = results.filter(({ skipped: reason }) => reason !== undefined).length;
  const counts = `tests="${results.length}" failures="${failed}" errors="0" skipped="${skipped}" time="${seconds.toFixed(3)}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="vong sigma test" ${counts}>
  <testsuite name="sigma" ${counts}>
${results.map(testCase).join('')}  </testsuite>
</testsuites>
`;
}

function testCase({ name, title, rule, failures, skipped, seconds }: CaseResult): string {
  const head = `    <testcase classname="${escaped(name.replaceAll('/', '.'))}" name="${escaped(title ?? rule ?? name)}" time="${seconds.toFixed(3)}"`;
  if (skipped !== undefined) return `${head}>\n      <skipped message="${escaped(skipped)}"/>\n    </testcase>\n`;
  if (failures.length === 0) return `${head}/>\n`;
  const lines = failures.map(({ place, reason }) => `${place}: ${reason}`);
  return `${head}>\n      <failure message="${escaped(lines[0] ?? '')}">${escaped(lines.join('\n'))}</failure>\n    </testcase>\n`;
}

/** Text for XML 1.0: what it has no way to write becomes U+FFFD. */
export function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\r', '&#13;');
}
