import { readdirSync, type Dirent } from 'node:fs';
import { join } from 'node:path';

/** Every file and symbolic link below `folder`, with its path; links are not followed (`readdir` with `recursive` follows them). */
export function* walk(folder: string): Generator<{ readonly path: string; readonly entry: Dirent }> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else yield { path, entry };
  }
}
