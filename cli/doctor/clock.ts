import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LIMIT_MS, ok, problem, warning, type Finding } from './finding.ts';

const WARN_MS = 1000;
const FAIL_MS = 5000;
const SYNCHRONISE = 'Synchronise both with the same time servers: timedatectl set-ntp true; chronyc tracking';

/** A server's clock against ours; `offsetMs` is theirs less ours. */
export function judgeClock(check: string, offsetMs: number): Finding {
  const off = Math.abs(offsetMs);
  const seconds = (off / 1000).toFixed(off < 10_000 ? 1 : 0);
  const found = `its clock is ${seconds} s ${offsetMs < 0 ? 'behind' : 'ahead of'} this machine's`;
  if (off > FAIL_MS) return problem(check, found, SYNCHRONISE);
  if (off > WARN_MS) return warning(check, found, SYNCHRONISE);
  return ok(check, `its clock agrees with this machine's (${Math.round(offsetMs)} ms)`);
}

/** Whether this machine keeps its clock by the network, where systemd can tell. */
export async function checkOwnClock(): Promise<Finding> {
  const now = new Date().toISOString();
  try {
    const { stdout } = await promisify(execFile)('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], { timeout: LIMIT_MS });
    if (stdout.trim() === 'yes') return ok('clock', `${now}, kept by the network`);
    if (stdout.trim() === 'no')
      return warning('clock', `${now}, not kept by the network`, 'Times of events and alerts will drift: timedatectl set-ntp true');
  } catch {
    // No systemd here, such as in a container, whose clock is its host's.
  }
  return ok('clock', `${now}; this machine does not tell whether the network keeps it`);
}
