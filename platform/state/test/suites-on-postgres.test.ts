/** The suites that use a state run on SQLite like all others; here the same suites run on PostgreSQL. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../deploy/testbed/postgres.ts';
import { available } from '../../../deploy/testbed/servers.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SUITES: Readonly<Record<string, readonly string[]>> = {
  state: ['platform/state/open.test.ts', 'platform/state/test/scope', 'platform/state/test/copy.test.ts'],
  identity: ['platform/identity'],
  'live push': ['platform/live'],
  jobs: ['platform/jobs'],
  'saved searches': ['platform/events/api.test.ts'],
  gateway: ['collector/gateway'],
  alerter: ['engine/alerter/test/alerter', 'engine/alerter/test/api', 'engine/alerter/test/correlation', 'engine/alerter/test/restore'],
  rulebook: ['engine/rulebook'],
  pipeline: ['engine/pipeline'],
  replays: ['range/replay'],
};
const LIMIT_MS = 10 * 60_000;

const found = await available('postgres');
const why = found.ok ? '' : ` (needs PostgreSQL: ${found.why})`;
let server: PostgresServer;

interface Run {
  readonly ended: boolean;
  readonly output: string;
}

function run(files: readonly string[]): Promise<Run> {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'));
  const env = { ...Object.fromEntries(own), VONG_TEST_STATE: 'postgres', VONG_TEST_POSTGRES: server.url };
  const args = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--maxWorkers=1', ...files];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: ROOT, env, timeout: LIMIT_MS, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) =>
      resolve({ ended: error === null, output: stdout + stderr }),
    );
  });
}

describe.skipIf(!found.ok)(`on PostgreSQL${why}`, () => {
  beforeAll(async () => void (server = await startPostgres({ durable: false })));
  afterAll(() => server.stop());

  it.each(Object.keys(SUITES))(
    'every test of the suite passes that passes on SQLite: %s',
    async (suite) => {
      const { ended, output } = await run(SUITES[suite]!);
      const failed = ended ? '' : output.slice(Math.max(0, output.indexOf('Failed Tests'))).slice(0, 8000);
      expect({ ended, failed }).toEqual({ ended: true, failed: '' });
      expect(output).toMatch(/^[1-9]\d* passed, 0 failed/m);
    },
    LIMIT_MS,
  );
});
