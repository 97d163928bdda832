/** Certificates for tests: an authority, and what it signed for 127.0.0.1. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export interface Signed {
  readonly ca: string;
  readonly caFile: string;
  readonly keyFile: string;
  readonly certificateFile: string;
}

/** `days`: how long it is valid from now; negative: it expired that long ago. */
export async function certificate(folder: string, days: number): Promise<Signed> {
  const at = (name: string): string => join(folder, `${days}-${name}`);
  writeFileSync(at('san'), 'subjectAltName=IP:127.0.0.1\n');
  await run('openssl', [
    'req',
    '-x509',
    ...KEY,
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
    '-days',
    '400',
    '-subj',
    '/CN=test authority',
  ]);
  await run('openssl', ['req', ...KEY, '-keyout', at('key'), '-out', at('csr'), '-subj', '/CN=127.0.0.1']);
  const signer = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('san')];
  await run('openssl', ['x509', '-req', '-in', at('csr'), ...signer, '-days', String(days), '-out', at('crt')]);
  return { ca: readFileSync(at('ca.pem'), 'utf8'), caFile: at('ca.pem'), keyFile: at('key'), certificateFile: at('crt') };
}
