/** Makes docs/reference/configuration.md: `node platform/config/reference.ts --write`. A test holds the page to it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CLUSTER_SETTINGS } from './cluster-settings.ts';
import type { Setting } from './setting.ts';
import { SETTINGS } from './settings.ts';

export const CONFIGURATION_PAGE = fileURLToPath(new URL('../../docs/reference/configuration.md', import.meta.url));
export const EXAMPLE_FILE = fileURLToPath(new URL('example.yaml', import.meta.url));

const SECTIONS: readonly { title: string; keys: RegExp; about: string }[] = [
  { title: 'Server', keys: /^(?!roles|instance|kafka|elasticsearch|postgres|redis)/, about: '' },
  {
    title: 'Cluster',
    keys: /^(?:roles|instance)$/,
    about: 'Each of the four servers below is used when its address is given; the part it stands for is embedded otherwise.',
  },
  { title: 'Kafka: the durable log', keys: /^kafka\./, about: '' },
  { title: 'Elasticsearch: the searchable events', keys: /^elasticsearch\./, about: '' },
  { title: 'PostgreSQL: the state', keys: /^postgres\./, about: '' },
  { title: 'Redis: jobs and live push', keys: /^redis\./, about: '' },
];

/** The page as it must be. */
export function configurationReference(): string {
  const all: readonly Setting[] = [...Object.values(SETTINGS), ...Object.values(CLUSTER_SETTINGS)];
  const sections = SECTIONS.map(({ title, keys, about }) => {
    const rows = all.filter(({ key }) => keys.test(key)).map(rowOf);
    const intro = about === '' ? '' : `${about}\n\n`;
    return `## ${title}\n\n${intro}| variable | in the file | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `# Configuration

<!-- Made by \`node platform/config/reference.ts --write\`; do not edit by hand. -->

The server reads its settings when it starts: from the environment, then from the file that \`VONG_CONFIG\` or \`./vong serve --config FILE\`
names, then from the defaults. A variable that is empty counts as not given. What is wrong is said for all settings at once, each with where
it was given, and the server does not start. \`./vong doctor\` checks the settings and the servers they name.

- **Values from files.** Every setting can be given as the name of a file that holds its value: \`VONG_KAFKA_PASSWORD_FILE\`, or
  \`password_file\` in the file. The newline at its end is left out. At most 64 KiB of UTF-8 text.
- **Secrets** (passwords, API keys, addresses with a password in them) are never printed. A file that holds one and that everyone on the machine
  may read is refused: \`chmod o-r FILE\`; in Kubernetes \`defaultMode: 0440\` with an \`fsGroup\`.
- **The file** is one YAML document of at most 64 KiB. A key it does not know is refused, with the name it may have meant. Lists are YAML lists or
  text with commas. Relative paths begin in the working directory of the server.
- **Sizes** take a unit: \`64MiB\` (1024), \`20GB\` (1000).

${sections.join('\n')}
## Example

\`\`\`yaml
${readFileSync(EXAMPLE_FILE, 'utf8').trimEnd()}
\`\`\`
`;
}

function rowOf({ variable, key, fallback, about, form, secret }: Setting): string {
  const given = fallback === '' ? '' : `\`${fallback}\``;
  return `| \`${variable}\` | \`${key}\` | ${given} | ${about} Must be ${form}.${secret === 'always' ? ' Secret.' : ''} |`;
}

if (import.meta.main && process.argv.includes('--write')) writeFileSync(CONFIGURATION_PAGE, configurationReference());
