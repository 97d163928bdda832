/** Tells when something may have changed in some folders; a file system that cannot tell is covered by the caller's own looking. */
import { watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';

export class FolderWatch {
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #dirty = new Set<string>();
  #namesChanged = false;
  #wake: (() => void) | undefined;

  /** Watches exactly these folders from now on; one that cannot be watched is tried again at the next call. */
  follow(folders: ReadonlySet<string>): void {
    for (const [folder, watcher] of this.#watchers) {
      if (!folders.has(folder)) this.#forget(folder, watcher);
    }
    for (const folder of folders) {
      if (!this.#watchers.has(folder)) this.#watch(folder);
    }
  }

  /** What changed since the last call. */
  take(): { readonly paths: ReadonlySet<string>; readonly namesChanged: boolean } {
    const taken = { paths: new Set(this.#dirty), namesChanged: this.#namesChanged };
    this.#dirty.clear();
    this.#namesChanged = false;
    return taken;
  }

  /** Files came, went or were renamed since the last `take`. */
  get namesChanged(): boolean {
    return this.#namesChanged;
  }

  /** Resolves when something changed or was woken, at the latest after `ms`. */
  async wait(ms: number): Promise<void> {
    if (this.#dirty.size > 0 || this.#namesChanged) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  wake(): void {
    this.#wake?.();
  }

  close(): void {
    for (const [folder, watcher] of this.#watchers) this.#forget(folder, watcher);
    this.wake();
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: true }, (event, name) => {
        if (name !== null) this.#dirty.add(join(folder, name));
        if (event === 'rename' || name === null) this.#namesChanged = true;
        this.#wake?.();
      });
      watcher.on('error', () => this.#forget(folder, watcher));
      this.#watchers.set(folder, watcher);
    } catch {
      // Missing, not readable, or no watch descriptors left: looking at intervals goes on.
    }
  }

  #forget(folder: string, watcher: FSWatcher): void {
    watcher.close();
    this.#watchers.delete(folder);
  }
}
