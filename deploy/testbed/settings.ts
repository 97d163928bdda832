/** Whether the server would take the settings that a deployment gives it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, type Config } from '@vong/platform/config';

/** Names that are no setting of the server, in the order given. */
export function unknownSettings(names: readonly string[]): readonly string[] {
  // An empty value is as good as none, so that only the name is looked at.
  return loadConfig(Object.fromEntries(names.map((name) => [name, '']))).unknown;
}

/**
 * The configuration these settings make, secrets from files being files that hold one. Certificates of authorities are left out: they
 * lie on the machine of the deployment. Throws CONFIG_INVALID as the server would.
 */
export function configOf(settings: Readonly<Record<string, string>>): Config {
  const folder = mkdtempSync(join(tmpdir(), 'vong-settings-'));
  try {
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'a-secret-of-a-test', { mode: 0o600 });
    const given = Object.entries(settings).filter(([name]) => !name.endsWith('_CA'));
    return loadConfig(Object.fromEntries(given.map(([name, value]) => [name, name.endsWith('_FILE') ? secret : value])));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
