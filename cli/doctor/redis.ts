import type { RedisConfig } from '@vong/platform/config';
import { probeRedis, type RedisFacts } from '@vong/platform/probes';
import { checkCertificate } from './certificates.ts';
import { judgeClock } from './clock.ts';
import { LIMIT_MS, ok, problem, size, warning, type Check, type Finding } from './finding.ts';
import { readableOnTheWay } from './plain.ts';
import { unreachable, type Server } from './reach.ts';

const OLDEST = [6, 2] as const;
const FULL = 0.9;

export function redis(config: RedisConfig): Check[] {
  return [{ name: 'redis', run: async () => await check(config) }];
}

async function check(config: RedisConfig): Promise<Finding[]> {
  const { hostname, port } = new URL(config.url);
  const peer = { host: hostname.replaceAll(/[[\]]/g, ''), port: Number(port || 6379), ca: config.tls?.ca };
  const server: Server = { name: 'redis', title: 'Redis', address: `${hostname}:${peer.port}`, setting: 'VONG_REDIS' };
  const findings: Finding[] = [];
  if (config.tls !== undefined) {
    findings.push(await checkCertificate(server, peer));
    if (findings[0]?.level === 'problem') return findings;
  }
  try {
    const facts = await probeRedis(config, LIMIT_MS);
    findings.push(...judgeRedis(facts, { command: `redis-cli -h ${peer.host} -p ${peer.port}` }), judgeClock('redis clock', facts.clockMs));
  } catch (error) {
    return [...findings, unreachable(server, error, CAUSES)];
  }
  return [...findings, ...readableOnTheWay(server, { tls: config.tls !== undefined, password: config.password !== undefined })];
}

const CAUSES = [
  {
    sign: /NOAUTH|WRONGPASS|AUTH|invalid username-password/,
    advice: () => 'It refused the user or the password: correct VONG_REDIS_PASSWORD (or its file), and the user in VONG_REDIS.',
  },
  { sign: /NOPERM/, advice: () => 'This user may not ask: allow it with ACL SETUSER … +@all ~*.' },
  { sign: /LOADING/, advice: () => 'It is reading its data from disk: try again in a minute.' },
];

export function judgeRedis(facts: RedisFacts, { command }: { readonly command: string }): Finding[] {
  const findings = [judgeVersion(facts.version)];
  const keep = (name: string, value: string): string =>
    `Run: ${command} config set ${name} ${value}, and write it into redis.conf: ${command} config rewrite`;
  if (facts.role !== 'master')
    findings.push(problem('redis role', `${facts.role}, which only reads`, 'Give the address of the primary in VONG_REDIS.'));
  findings.push(
    facts.appendOnly
      ? ok('redis appendonly', 'on: timers and pending pushes survive a restart')
      : warning(
          'redis appendonly',
          'off: what waits is lost with a restart, and found again only when the state is looked through',
          keep('appendonly', 'yes'),
        ),
  );
  if (!facts.lastWriteOk)
    findings.push(
      problem(
        'redis disk',
        'the last write to disk failed',
        `Make room on its disk, and look at its log. See: ${command} info persistence`,
      ),
    );
  if (facts.evictionPolicy === undefined)
    findings.push(warning('redis maxmemory-policy', 'it does not tell', 'See to it that it is noeviction.'));
  else if (facts.evictionPolicy === 'noeviction') findings.push(ok('redis maxmemory-policy', 'noeviction'));
  else
    findings.push(
      problem(
        'redis maxmemory-policy',
        `${facts.evictionPolicy}: jobs vanish when memory is short`,
        keep('maxmemory-policy', 'noeviction'),
      ),
    );
  return [...findings, judgeMemory(facts.memory, keep)];
}

function judgeVersion(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return ok('redis version', version);
  return problem('redis version', `${version}; ${OLDEST.join('.')} or newer is needed`, 'Upgrade Redis.');
}

function judgeMemory({ used, most }: RedisFacts['memory'], keep: (name: string, value: string) => string): Finding {
  if (most === 0) return ok('redis memory', `${size(used)} used, no limit`);
  const found = `${size(used)} of ${size(most)} used`;
  return used > FULL * most ? warning('redis memory', found, keep('maxmemory', String(2 * most))) : ok('redis memory', found);
}
