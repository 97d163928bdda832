import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const SHARED = process.env['VONG_SHARED'] ?? join(import.meta.dirname, '../../../../../shared');
const REGRESSION = join(SHARED, 'data/sigmahq/regression_data');

/** Paths of SigmaHQ's regression files with this extension, sorted; empty when the shared data is not there. */
export function regressionFiles(extension: 'evtx' | 'json'): string[] {
  if (!existsSync(REGRESSION)) return [];
  return readdirSync(REGRESSION, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(`.${extension}`))
    .map((path) => join(REGRESSION, path))
    .sort();
}
