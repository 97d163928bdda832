/** A disk that can be filled: a file system of its own in memory (tmpfs). Mounting one needs root on Linux. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  readonly path: string;
  /** Nothing is left of it, even while files on it are open. Done by itself at the end of the process. */
  unmount(): void;
}

/** Of so many bytes, or as `mount` takes it; undefined where none can be mounted. */
export function smallDisk(size: number | `${number}${'k' | 'm' | 'g'}`): SmallDisk | undefined {
  const path = mkdtempSync(join(tmpdir(), 'vong-small-disk-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'tmpfs', path]).status !== 0) {
    rmSync(path, { recursive: true });
    return undefined;
  }
  const unmount = (): void => {
    process.off('exit', unmount);
    if (spawnSync('umount', [path]).status !== 0) spawnSync('umount', ['-l', path]);
    rmSync(path, { recursive: true, force: true });
  };
  process.on('exit', unmount);
  return { path, unmount };
}
