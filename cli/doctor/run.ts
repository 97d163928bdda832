import { messageOf } from '@vong/platform/probes';
import { LIMIT_MS, problem, type Check, type Finding } from './finding.ts';

/** A server is asked for its certificate, then for what it says: three times the bound of one step. */
const CHECK_MS = 3 * LIMIT_MS;

/** Runs all checks at once, each within a bound; findings come in the order of the checks. */
export async function runChecks(
  checks: readonly Check[],
  options: { readonly limitMs?: number; readonly onDone?: (done: number) => void } = {},
): Promise<Finding[]> {
  const { limitMs = CHECK_MS, onDone } = options;
  let done = 0;
  const asked = checks.map(async (check) => {
    const findings = await bounded(check, limitMs);
    onDone?.(++done);
    return findings;
  });
  return (await Promise.all(asked)).flat();
}

async function bounded({ name, run }: Check, limitMs: number): Promise<readonly Finding[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly Finding[]>((resolve) => {
    const finding = problem(name, `not done within ${limitMs / 1000} s`, 'It hangs or is overloaded: look at its own log, then try again.');
    timer = setTimeout(() => resolve([finding]), limitMs);
  });
  try {
    return await Promise.race([run(), late]);
  } catch (error) {
    return [problem(name, `could not be checked: ${messageOf(error)}`, 'Please report this: the check itself failed.')];
  } finally {
    clearTimeout(timer);
  }
}
