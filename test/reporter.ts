import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends a run with the line `N passed, N failed` (and `, N skipped` with each skipped test by name before it). With CI set, a
 * skipped test fails the run: what cannot run there is a missing install step, not a pass.
 */
// oxlint-disable-next-line import/no-default-export -- vitest loads a reporter from the default export
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let [passed, failed] = [0, errors.length];
    const skipped: string[] = [];
    for (const module of modules) {
      if (module.errors().length > 0) failed++;
      // A hook that failed: its tests are skipped.
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed++;
        else if (state === 'failed') failed++;
        else skipped.push(`${module.relativeModuleId}: ${test.fullName}`);
      }
    }
    for (const name of skipped) process.stdout.write(`skipped: ${name}\n`);
    if (process.env['CI'] && skipped.length > 0) {
      process.stdout.write('A test was skipped where nothing may be.\n');
      process.exitCode = 1;
    }
    process.on('exit', () => {
      process.stdout.write(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}\n`);
    });
  }
}
