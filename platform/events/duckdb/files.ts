/** Segment files: written under another name, made durable, then renamed; a name in the catalogue therefore always has its file. */
import { open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bloom } from './bloom.ts';

export class SegmentFiles {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  path(name: string): string {
    return join(this.directory, `${name}.parquet`);
  }

  unfinished(name: string): string {
    return join(this.directory, `${name}.unfinished`);
  }

  /** Makes the unfinished file and its id filter durable and visible; answers its bytes. */
  async publish(name: string, ids: Bloom): Promise<number> {
    await writeFile(this.filter(name), ids.bytes, { flush: true });
    await sync(this.unfinished(name));
    await rename(this.unfinished(name), this.path(name));
    await sync(this.directory);
    return (await stat(this.path(name))).size;
  }

  async remove(name: string): Promise<void> {
    await rm(this.path(name), { force: true });
    await rm(this.filter(name), { force: true });
  }

  /** The stored filter; undefined when it is missing (it is then built again from the segment). */
  async idsOf(name: string): Promise<Bloom | undefined> {
    try {
      const bytes = await readFile(this.filter(name));
      return bytes.length === 0 ? undefined : new Bloom(bytes);
    } catch {
      return undefined;
    }
  }

  async exists(name: string): Promise<boolean> {
    return stat(this.path(name)).then(
      () => true,
      () => false,
    );
  }

  /** Removes what a crash left behind. */
  async sweep(known: ReadonlySet<string>): Promise<void> {
    for (const file of await readdir(this.directory)) {
      const name = file.slice(0, file.lastIndexOf('.'));
      if (!known.has(name) || file.endsWith('.unfinished')) await rm(join(this.directory, file), { force: true });
    }
  }

  private filter(name: string): string {
    return join(this.directory, `${name}.ids24`);
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
