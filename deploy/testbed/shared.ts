/** Where the shared test data are: `VONG_SHARED`, or the folder `shared` beside the checkout. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const sharedDirectory = process.env['VONG_SHARED'] ?? fileURLToPath(new URL('../../../shared', import.meta.url));

export function sharedPath(...parts: string[]): string {
  return join(sharedDirectory, ...parts);
}

export const sharedPresent = existsSync(sharedPath('data', 'sigmahq', 'rules'));

/** The folders of SigmaHQ detection rules (not the regression data). */
export const SIGMA_RULE_FOLDERS = ['rules', 'rules-emerging-threats', 'rules-threat-hunting', 'rules-compliance'] as const;
