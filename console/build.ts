/**
 * Builds the console into `web/dist`, only when what it is made of has changed since the last good build. The stamp (a hash of the
 * sources, this file and the lock file) is written last and inside `dist`: a build that failed or was interrupted has none, so its
 * remains are removed and never served. Prints one line; exit code 1 when the build fails.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const web = join(here, 'web');
/** The checks of rules run in the browser too. */
const sigma = join(here, '..', 'engine', 'sigma');
const dist = join(web, 'dist');
const stamp = join(dist, '.stamp');

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(join(dist, '/')) && !/\.test\.tsx?$/.test(path))
    .sort();
}

function fingerprint(): string {
  const hash = createHash('sha256');
  const lock = join(here, '..', 'package-lock.json');
  for (const path of [...filesUnder(web), ...filesUnder(sigma), join(here, 'build.ts'), join(here, 'package.json'), lock]) {
    hash
      .update(`${relative(here, path)}\0`)
      .update(readFileSync(path))
      .update('\0');
  }
  return hash.digest('hex');
}

function lastGood(): string | undefined {
  try {
    return readFileSync(stamp, 'utf8');
  } catch {
    return undefined;
  }
}

const wanted = fingerprint();
if (lastGood() === wanted) {
  console.log('console: up to date');
} else {
  const started = performance.now();
  rmSync(dist, { recursive: true, force: true });
  try {
    // Loaded only when needed: a start with nothing to build should not pay for the bundler.
    const { build } = await import('vite');
    await build({ configFile: join(web, 'vite.config.ts'), logLevel: 'error' });
    writeFileSync(stamp, wanted);
    console.log(`console: built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  } catch (error) {
    rmSync(dist, { recursive: true, force: true });
    console.error(`console: build failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
