import { configDefaults, defineConfig } from 'vitest/config';
import { STEADY_WRAPPERS } from './platform/process/index.ts';

/** What needs the machine to itself: a cluster of real servers and the processes of every role under load. */
const ALONE = ['test/migrate.test.ts', 'test/crash.test.ts', 'test/cluster-faults.test.ts'];
const OUTSIDE = [...configDefaults.exclude, '**/dist/**', '.toolchain/**', 'data/**'];

// oxlint-disable-next-line import/no-default-export -- vitest reads its configuration from the default export
export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 2,
    // As our own processes set it for themselves.
    execArgv: [STEADY_WRAPPERS],
    reporters: ['default', './test/reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'rooms',
          include: ['**/*.test.ts', '**/*.test.tsx'],
          exclude: [...OUTSIDE, ...ALONE],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: ALONE, exclude: OUTSIDE, maxWorkers: 1, fileParallelism: false, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
