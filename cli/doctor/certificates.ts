import { certificateOf, type Certificate, type Peer } from '@vong/platform/probes';
import { certificatesOf, type Config } from '@vong/platform/config';
import { LIMIT_MS, ok, problem, warning, type Check, type Finding } from './finding.ts';
import { lookAt, unreachable, type Server } from './reach.ts';

const DAY_MS = 86_400_000;
const SOON_DAYS = 30;

/** The certificate of a server over TLS. */
export async function checkCertificate(server: Server, peer: Peer): Promise<Finding> {
  try {
    return judgeCertificate(await certificateOf(peer, LIMIT_MS), { server, now: Date.now() });
  } catch (error) {
    return unreachable(server, error);
  }
}

export function judgeCertificate(
  { subject, validFrom, validTo, distrusted }: Certificate,
  { server, now }: { readonly server: Server; readonly now: number },
): Finding {
  const check = `${server.name} certificate ${server.address}`;
  const days = Math.floor((validTo - now) / DAY_MS);
  const renew = `Renew it at the server. ${lookAt(server)}`;
  if (validTo <= now) return problem(check, `${subject} expired on ${day(validTo)}`, renew);
  if (validFrom > now)
    return problem(
      check,
      `${subject} is valid only from ${day(validFrom)}`,
      `Is the clock of this machine right? It says ${day(now)}. ${lookAt(server)}`,
    );
  if (distrusted !== undefined)
    return problem(
      check,
      `${subject} is not trusted: ${distrusted}`,
      `Give the authority that signed it in ${server.setting}_CA, and use the name that stands in it. ${lookAt(server)}`,
    );
  if (days <= SOON_DAYS) return warning(check, `${subject} expires in ${days} days, on ${day(validTo)}`, renew);
  return ok(check, `${subject}, valid until ${day(validTo)} (${days} days)`);
}

/** The authorities given in the settings, each once. */
export function authorities(config: Config, now: number): Check {
  const run = async (): Promise<Finding[]> => {
    const findings = new Map<string, Finding>();
    for (const [name, tls] of Object.entries({
      VONG_KAFKA_CA: config.kafka?.tls,
      VONG_ELASTICSEARCH_CA: config.elasticsearch?.tls,
      VONG_POSTGRES_CA: config.postgres?.tls,
      VONG_REDIS_CA: config.redis?.tls,
    })) {
      for (const { fingerprint256, validTo, subject } of certificatesOf(tls?.ca ?? '')) {
        const ends = Date.parse(validTo);
        const days = Math.floor((ends - now) / DAY_MS);
        const who = subject.replaceAll('\n', ', ');
        const renew = `Have a new authority certificate issued and give it in ${name}; servers need certificates it signed.`;
        const check = `authority ${name}`;
        if (findings.has(fingerprint256)) continue;
        if (days < 0) findings.set(fingerprint256, problem(check, `${who} expired on ${day(ends)}`, renew));
        else if (days <= SOON_DAYS) findings.set(fingerprint256, warning(check, `${who} expires in ${days} days`, renew));
        else findings.set(fingerprint256, ok(check, `${who}, valid until ${day(ends)} (${days} days)`));
      }
    }
    return [...findings.values()];
  };
  return { name: 'authorities', run };
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
