/**
 * Which files are followed, and in which order. A lineage is what appears under one path over time: file after file, numbered by
 * generation. A scan compares what is on disk with what is known, by identity, and decides for each file: known (perhaps under a
 * new name), a copy of a known one, the next generation, or none of ours.
 */
import { matchesGlob, resolve } from 'node:path';
import { expand, look, rotatedBeside, type SeenFile } from './discover.ts';
import { parsePosition, type FilePosition } from './position.ts';
import { compareCopy, TailFile } from './tail.ts';

export interface Lineage {
  readonly path: string;
  /** In order of generation. */
  files: TailFile[];
  next: number;
  /** Replaced in place; their unread rest may be in a rotated copy. */
  orphans: TailFile[];
  /**
   * Rotated files last changed before this time have been decided upon. Never the time of a write to the file in place: a copy made
   * just before that write, and not seen yet, would pass for an old one.
   */
  since: number;
  /** Why the file at the path cannot be followed. */
  error?: string | undefined;
}

/** One reading of the folders. */
interface Listing {
  readonly primaries: readonly string[];
  readonly folders: readonly { readonly path: string; readonly at: SeenFile | undefined; readonly beside: readonly SeenFile[] }[];
  /** Equal when two readings found the same files at the same places. */
  readonly signature: string;
}

/** A folder in which every reading differs is taken as it is after so many. */
const MAX_READINGS = 6;

const latest = (files: readonly SeenFile[]): number => files.reduce((most, { modified }) => Math.max(most, modified), 0);
const idOf = (seen: SeenFile): string => `${seen.dev}:${seen.ino}`;

export class Lineages {
  readonly #patterns: readonly string[];
  readonly #byPath = new Map<string, Lineage>();
  readonly #byId = new Map<string, TailFile>();
  /** Rotated files that were there before us, with their time of change. */
  readonly #ignored = new Map<string, number>();
  readonly #changes = new Map<string, string | null>();

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.map((pattern) => resolve(pattern));
  }

  /** Followed lineages, by path. */
  all(): readonly Lineage[] {
    return [...this.#byPath.values()];
  }

  restore(positions: ReadonlyMap<string, string>): void {
    for (const text of positions.values()) {
      const position = parsePosition(text);
      if (position === undefined || !this.#patterns.some((p) => p === position.path || matchesGlob(position.path, p))) continue;
      const lineage = this.#lineage(position.path);
      lineage.next = Math.max(lineage.next, position.generation + 1);
      lineage.since = Math.max(lineage.since, position.since);
      this.#keep(lineage, new TailFile(position));
    }
  }

  /** Compares disk and memory; returns the position entries that changed thereby. */
  async scan(): Promise<Map<string, string | null>> {
    const { primaries, folders } = await this.#settledListing();
    const explicit = new Set(primaries);
    const paths = folders.map(({ path }) => path);
    for (const { path, at, beside } of folders) {
      const lineage = this.#lineage(path);
      if (lineage.next === 0) lineage.since = latest(at === undefined ? beside : [...beside, at]);
      await this.#resolveRotated(lineage, beside, explicit);
      if (at !== undefined && !this.#byId.has(idOf(at)) && !(await this.#isCopyInTheMaking(at, paths))) await this.#adopt(lineage, at);
      this.#dropOrphans(lineage);
    }
    await this.#forgetVanished();
    const changes = new Map(this.#changes);
    this.#changes.clear();
    return changes;
  }

  /**
   * What is on disk, with the known files recognised in it. A rotation may run while the folder is being read, and then a file shows
   * twice or not at all: where there is anything to decide, the folder is read until two readings agree.
   */
  async #settledListing(): Promise<Listing> {
    let listing = await this.#list();
    for (let reading = 1; reading < MAX_READINGS; reading++) {
      const replaced = await this.#recogniseAll(listing);
      if (!replaced && !this.#leavesQuestions(listing)) return listing;
      const again = await this.#list();
      const agrees = again.signature === listing.signature;
      listing = again;
      // A file found replaced just now may have been copied after the reading before.
      if (agrees && !replaced) break;
    }
    await this.#recogniseAll(listing);
    return listing;
  }

  async #list(): Promise<Listing> {
    const primaries = await expand(this.#patterns);
    const paths = [...new Set([...primaries, ...this.#byPath.keys()])].sort();
    const entries = new Map<string, readonly string[]>();
    const folders = await Promise.all(
      paths.map(async (path) => ({ path, at: await look(path), beside: await rotatedBeside(path, entries) })),
    );
    const signature = folders.flatMap(({ at, beside }) => [...beside, at].map((seen) => seen && `${seen.path}=${idOf(seen)}`)).join('\n');
    return { primaries, folders, signature };
  }

  /** True when a file turned out to be replaced. */
  async #recogniseAll({ folders }: Listing): Promise<boolean> {
    for (const file of this.#byId.values()) file.location = undefined;
    let replaced = false;
    for (const { at, beside } of folders) {
      for (const seen of at === undefined ? beside : [...beside, at]) replaced = (await this.#recognise(seen)) || replaced;
    }
    return replaced;
  }

  #leavesQuestions({ folders }: Listing): boolean {
    if (this.all().some(({ orphans }) => orphans.length > 0)) return true;
    const isNew = (seen: SeenFile): boolean => !this.#byId.has(idOf(seen)) && this.#ignored.get(idOf(seen)) !== seen.modified;
    return folders.some(({ at, beside }) => (at !== undefined && isNew(at)) || beside.some(isNew));
  }

  /** The file was replaced in place: the next scan looks for a copy of what was not read, and follows the new content. */
  async replaced(file: TailFile): Promise<void> {
    await file.close();
    const lineage = this.#lineage(file.position.path);
    this.#release(lineage, file);
    lineage.orphans.push(file);
  }

  /** The file is finished and gone; its number is remembered as long as it is the lineage's last. */
  async finished(file: TailFile): Promise<void> {
    await file.close();
    const lineage = this.#lineage(file.position.path);
    if (lineage.files.at(-1) !== file) this.#drop(lineage, file);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#byId.values()].map((file) => file.close()));
  }

  #lineage(path: string): Lineage {
    const lineage = this.#byPath.get(path) ?? { path, files: [], next: 0, orphans: [], since: 0 };
    this.#byPath.set(path, lineage);
    return lineage;
  }

  /** Notes where a known file is now, and opens it if there may be something to read. True when it is another one by now. */
  async #recognise(seen: SeenFile): Promise<boolean> {
    const file = this.#byId.get(idOf(seen)) ?? this.#afterDeviceChange(seen);
    if (file === undefined) return false;
    const quiet = seen.size === file.position.offset && seen.modified === file.position.modified;
    if (!file.isOpen && !(quiet && seen.path !== file.position.path)) {
      const before = file.id;
      const outcome = await file.open(seen.path);
      if (outcome === 'other') {
        await this.replaced(file);
        return true;
      }
      if (file.id !== before) {
        this.#byId.delete(before);
        this.#byId.set(file.id, file);
      }
    }
    file.location = seen.path;
    file.size = seen.size;
    return false;
  }

  /** Device numbers may change with a reboot; inode and beginning do not. */
  #afterDeviceChange(seen: SeenFile): TailFile | undefined {
    return [...this.#byId.values()].find(
      (file) => file.position.ino === seen.ino && !file.isOpen && file.location === undefined && file.position.headLength >= 64,
    );
  }

  async #resolveRotated(lineage: Lineage, beside: readonly SeenFile[], explicit: ReadonlySet<string>): Promise<void> {
    const { next, since } = lineage;
    for (const seen of beside) {
      const id = idOf(seen);
      if (this.#byId.has(id) || this.#ignored.get(id) === seen.modified) continue;
      if (await this.#continueFromCopy(lineage, seen)) continue;
      if (next === 0 || seen.modified < since) {
        if (!explicit.has(seen.path)) this.#ignored.set(id, seen.modified);
      } else if (!(await this.#isCopyOf(lineage, seen))) await this.#adopt(lineage, seen);
    }
    const decided = beside.filter((seen) => this.#byId.has(idOf(seen)) || this.#ignored.has(idOf(seen)));
    lineage.since = Math.max(since, latest(decided));
    for (const file of lineage.files) file.position = { ...file.position, since: lineage.since };
  }

  /** A file that was truncated after being copied: its unread rest is in the copy. */
  async #continueFromCopy(lineage: Lineage, seen: SeenFile): Promise<boolean> {
    for (const orphan of lineage.orphans) {
      const outcome = await compareCopy(seen.path, orphan.position);
      if (outcome === 'other') continue;
      const place = outcome === 'copy' ? {} : { offset: seen.size, tail: '' };
      const file = new TailFile({ ...orphan.position, ...place, dev: seen.dev, ino: seen.ino });
      lineage.orphans = lineage.orphans.filter((other) => other !== orphan);
      this.#keep(lineage, file);
      this.#changes.set(file.key, JSON.stringify(file.position));
      await file.open(seen.path);
      file.location = seen.path;
      return true;
    }
    return false;
  }

  /** True while the file still in place has this copy beside it: it is about to be truncated. */
  async #isCopyOf(lineage: Lineage, seen: SeenFile): Promise<boolean> {
    const current = lineage.files.find((file) => file.location === lineage.path);
    return current !== undefined && (await compareCopy(seen.path, current.position)) !== 'other';
  }

  async #isCopyInTheMaking(seen: SeenFile, paths: readonly string[]): Promise<boolean> {
    for (const path of paths) {
      if (path === seen.path || !seen.path.startsWith(path)) continue;
      if (await this.#isCopyOf(this.#lineage(path), seen)) return true;
    }
    return false;
  }

  async #adopt(lineage: Lineage, seen: SeenFile): Promise<void> {
    const position: FilePosition = {
      path: lineage.path,
      generation: lineage.next,
      dev: seen.dev,
      ino: seen.ino,
      headLength: 0,
      head: '',
      offset: 0,
      tail: '',
      part: 0,
      modified: seen.modified,
      since: lineage.since,
    };
    const file = new TailFile(position);
    // Numbered only once it can be read, so that a file without permission does not use up a generation.
    const outcome = await file.open(seen.path);
    lineage.error = file.error;
    if (outcome !== 'same') return;
    lineage.next += 1;
    file.location = seen.path;
    file.size = seen.size;
    this.#keep(lineage, file);
    this.#changes.set(file.key, JSON.stringify(position));
  }

  #keep(lineage: Lineage, file: TailFile): void {
    lineage.files = [...lineage.files, file].sort((a, b) => a.position.generation - b.position.generation);
    this.#byId.set(file.id, file);
  }

  #release(lineage: Lineage, file: TailFile): void {
    lineage.files = lineage.files.filter((other) => other !== file);
    if (this.#byId.get(file.id) === file) this.#byId.delete(file.id);
  }

  #drop(lineage: Lineage, file: TailFile): void {
    this.#release(lineage, file);
    this.#changes.set(file.key, null);
  }

  /** What no copy was found for is lost with the truncation; the number stays taken through the newer file. */
  #dropOrphans(lineage: Lineage): void {
    if (lineage.files.length === 0) return;
    for (const orphan of lineage.orphans) this.#changes.set(orphan.key, null);
    lineage.orphans = [];
  }

  async #forgetVanished(): Promise<void> {
    for (const file of this.#byId.values()) {
      if (file.location === undefined && !file.isOpen) await this.finished(file);
    }
  }
}
