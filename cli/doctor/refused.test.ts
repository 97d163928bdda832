import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doctor, wrong } from './test/doctor.ts';

// The servers of the tests have no accounts: these are the answers of one that has.
const REASONS: Record<string, { status: number; reason: string }> = {
  stranger: { status: 401, reason: 'unable to authenticate user [stranger] for REST request [/_cluster/health]' },
  poor: { status: 403, reason: 'action [cluster:monitor/health] is unauthorized for user [poor] with effective roles []' },
};

const server = createServer((request, response) => {
  const [user = ''] = Buffer.from((request.headers.authorization ?? '').replace('Basic ', ''), 'base64')
    .toString()
    .split(':');
  const { status, reason } = REASONS[user] ?? { status: 401, reason: 'unable to authenticate with provided credentials' };
  const error = { type: 'security_exception', reason };
  response.writeHead(status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
  response.end(JSON.stringify({ error: { root_cause: [error], ...error }, status }));
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => server.close());

describe('an Elasticsearch that refuses', () => {
  const look = async (env: Record<string, string>) =>
    wrong(await doctor({ VONG_ELASTICSEARCH: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ...env }, 'elasticsearch')).join(
      '\n',
    );
  const as = (user: string) => ({ VONG_ELASTICSEARCH_USER: user, VONG_ELASTICSEARCH_PASSWORD: 'HEMLIG' });

  it('is told from one that is away: wrong password, wrong key, too few rights; the secret is not shown', async () => {
    const answers = [await look(as('stranger')), await look({ VONG_ELASTICSEARCH_API_KEY: 'HEMLIG' }), await look(as('poor'))];
    expect(answers[0]).toMatch(/unable to authenticate user.*correct VONG_ELASTICSEARCH_USER and VONG_ELASTICSEARCH_PASSWORD/);
    expect(answers[1]).toMatch(/correct VONG_ELASTICSEARCH_API_KEY/);
    expect(answers[2]).toMatch(/Give it the cluster privileges monitor and manage_index_templates, and all on the indices vong-\*/);
    expect(answers.join()).not.toContain('HEMLIG');
  });
});
