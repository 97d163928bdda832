/** Files as a browser hands them over: from an input, or dropped, folders walked. */
import type { Chosen } from './rule-files.ts';

export interface ChosenFile extends Chosen {
  readonly file: File;
}

const MAX_FILES = 50_000;

export function fromInput(list: FileList | null): ChosenFile[] {
  return [...(list ?? [])].map((file) => ({ file, size: file.size, path: file.webkitRelativePath || file.name }));
}

/** Must be called while the drop is handled: the browser forgets the items afterwards. */
export function fromDrop(transfer: DataTransfer): Promise<ChosenFile[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  return walk(entries);
}

async function walk(roots: readonly FileSystemEntry[]): Promise<ChosenFile[]> {
  const found: ChosenFile[] = [];
  const waiting = [...roots];
  for (let entry = waiting.shift(); entry !== undefined && found.length < MAX_FILES; entry = waiting.shift()) {
    if (isDirectory(entry)) waiting.push(...(await entriesOf(entry)));
    else if (isFile(entry)) {
      const file = await fileOf(entry);
      found.push({ file, size: file.size, path: entry.fullPath.replace(/^\//, '') });
    }
  }
  return found;
}

const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** A reader answers a part of the folder at a time, and nothing at its end. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return all;
    all.push(...part);
  }
}
