/** The texts of what was chosen for an import, for the checks. */
import type { LintFile } from 'sigma-rules-ts/lint';
import type { ChosenFile } from './chosen-files.ts';
import { isRule, isZip } from './rule-files.ts';
import { unzip } from './unzip.ts';

export async function textsOf(chosen: readonly ChosenFile[]): Promise<{ files: LintFile[]; unread: string[] }> {
  const files: LintFile[] = [];
  const unread: string[] = [];
  for (const { file, path } of chosen) {
    if (!isZip(path)) {
      files.push({ file: path, text: await file.text() });
      continue;
    }
    const inside = await unzip(file, isRule);
    if (inside === undefined) unread.push(path);
    else files.push(...inside);
  }
  return { files, unread };
}
