/** Which of the chosen files are rules, how they are sent, and what came of it. Pure. */
import type { RuleFailure, RuleImportResult } from '@vong/engine/contracts';

/** A file as chosen: with its path inside a chosen folder. */
export interface Chosen {
  readonly path: string;
  readonly size: number;
}

export const MAX_FILES = 200;
/** The server takes 64 MiB at a time; this leaves room for what a form adds. */
export const MAX_BYTES = 48 * 1024 * 1024;

export const isRule = (path: string): boolean => /\.ya?ml$/i.test(path);
export const isZip = (path: string): boolean => /\.zip$/i.test(path);

/** Rule files and archives of them, without the folders a versioning system keeps for itself. */
export function ruleFiles<File extends Chosen>(files: readonly File[]): { readonly rules: File[]; readonly ignored: number } {
  const rules = files.filter(({ path }) => (isRule(path) || isZip(path)) && !/(^|\/)\.git\//.test(path));
  return { rules, ignored: files.length - rules.length };
}

/** Splits into uploads of at most 200 files and 48 MiB. An archive, or a file above the limit, goes alone. */
export function inUploads<File extends Chosen>(files: readonly File[]): File[][] {
  const uploads: File[][] = [];
  let open: File[] = [];
  let bytes = 0;
  const close = (): void => {
    if (open.length > 0) uploads.push(open);
    open = [];
    bytes = 0;
  };
  for (const file of files) {
    if (isZip(file.path)) {
      uploads.push([file]);
      continue;
    }
    if (open.length >= MAX_FILES || bytes + file.size > MAX_BYTES) close();
    open.push(file);
    bytes += file.size;
  }
  close();
  return uploads;
}

export const NOTHING: RuleImportResult = { imported: 0, updated: 0, unchanged: 0, failed: [] };

export function addResults(before: RuleImportResult, next: RuleImportResult): RuleImportResult {
  return {
    imported: before.imported + next.imported,
    updated: before.updated + next.updated,
    unchanged: before.unchanged + next.unchanged,
    failed: [...before.failed, ...next.failed],
  };
}

/** An upload that was refused, told for each of its files, so that the others go on. */
export function refused(files: readonly Chosen[], error: { readonly code: string; readonly message: string }): RuleImportResult {
  return { ...NOTHING, failed: files.map(({ path }): RuleFailure => ({ file: path, code: error.code, reason: error.message })) };
}
