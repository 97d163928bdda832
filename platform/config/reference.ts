/** Makes docs/reference/configuration.md: `node platform/config/reference.ts --write`. A test holds the page to it. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SETTINGS } from './settings.ts';

export const CONFIGURATION_PAGE = fileURLToPath(new URL('../../docs/reference/configuration.md', import.meta.url));

/** The page as it must be. */
export function configurationReference(): string {
  const rows = Object.values(SETTINGS).map(
    ({ variable, fallback, about, form }) => `| \`${variable}\` | \`${fallback}\` | ${about} Must be ${form}. |`,
  );
  return `# Configuration

<!-- Made by \`node platform/config/reference.ts --write\`; do not edit by hand. -->

The server reads its settings from the environment when it starts. A variable that is missing or empty has its default. What is wrong is
said for all variables at once, and the server does not start. Sizes take a unit: \`64MiB\` (1024), \`20GB\` (1000).

| variable | default | meaning |
|---|---|---|
${rows.join('\n')}
`;
}

if (import.meta.main && process.argv.includes('--write')) writeFileSync(CONFIGURATION_PAGE, configurationReference());
