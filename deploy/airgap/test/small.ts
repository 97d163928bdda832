/** A folder for the installer as `build.ts` packs it, with programs that only say their version: for what does not depend on them. */
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeSums } from '../build.ts';

const files = join(import.meta.dirname, '../files');
const units = join(import.meta.dirname, '../../systemd');

export function smallFolder(home: string, version: string): string {
  const folder = mkdtempSync(join(home, `small-${version}-`));
  cpSync(files, folder, { recursive: true });
  cpSync(units, join(folder, 'units'), { recursive: true, filter: (path) => !/\/test$|\.md$/.test(path) });
  mkdirSync(join(folder, 'node/bin'), { recursive: true });
  mkdirSync(join(folder, 'app/cli'), { recursive: true });
  writeFileSync(join(folder, 'app/cli/main.ts'), `// ${version}\n`);
  writeFileSync(join(folder, 'node/bin/node'), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 });
  writeFileSync(join(folder, 'VERSION'), `${version}\n`);
  writeFileSync(join(folder, 'MACHINE'), `${process.platform}-${process.arch}\n`);
  writeSums(folder);
  return folder;
}
