import { AuthenticationError, MultipleErrors, NetworkError, ProtocolError, TimeoutError } from '@platformatic/kafka';
import { describe, expect, it } from 'vitest';
import { hasCode } from '../../errors/index.ts';
import { logError } from '../errors.ts';
import { passes, reasonOf, translate } from './failures.ts';
import { checkVersions } from './versions.ts';

const refused = new NetworkError('Connection to a:9092 failed.', { cause: new Error('connect ECONNREFUSED a:9092') });

describe('a failure of Kafka', () => {
  it('is tried again where brokers, elections or the way to them may be other in a moment', () => {
    const passing = [refused, new TimeoutError('Request timed out', { canRetry: true }), new ProtocolError('NOT_LEADER_OR_FOLLOWER')];
    const [moving, loading] = [new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION'), new ProtocolError('COORDINATOR_LOAD_IN_PROGRESS')];
    for (const error of [...passing, moving, loading, new MultipleErrors('several', [refused, refused])]) expect(passes(error)).toBe(true);
    const denied = new MultipleErrors('several', [new AuthenticationError('SASL authentication failed.')]);
    const final = [
      denied,
      new ProtocolError('TOPIC_AUTHORIZATION_FAILED'),
      new ProtocolError('UNSUPPORTED_VERSION'),
      new TypeError('a bug'),
    ];
    for (const error of final) expect(passes(error)).toBe(false);
    expect(passes(new MultipleErrors('several', [new ProtocolError('NOT_CONTROLLER'), new ProtocolError('INVALID_CONFIG')]))).toBe(false);
  });

  it('is told by its innermost reason, under the code of what to do about it', () => {
    expect(reasonOf(new MultipleErrors('Cannot connect to any broker.', [refused]))).toBe('connect ECONNREFUSED a:9092');
    expect(translate(refused)).toMatchObject({ code: 'LOG_UNAVAILABLE', status: 503, details: { retryAfterSeconds: 5 } });
    expect(translate(new AuthenticationError('SASL authentication failed.'))).toMatchObject({ code: 'LOG_DENIED' });
    expect(translate(new ProtocolError('GROUP_AUTHORIZATION_FAILED'))).toMatchObject({ details: { reason: 'GROUP_AUTHORIZATION_FAILED' } });
    expect(translate(new ProtocolError('UNSUPPORTED_VERSION'))).toMatchObject({ code: 'LOG_TOO_OLD' });
  });

  it('that is none of Kafka is left as it is', () => {
    const [bug, ours] = [new TypeError('a bug'), logError('LOG_CLOSED')];
    expect(translate(bug)).toBe(bug);
    expect(translate(ours)).toBe(ours);
  });
});

describe('the versions of the brokers', () => {
  const answering = (maxVersion: number) => ({
    persist: <Result>(body: () => Promise<Result>) => body(),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one answer that is asked for
    askAny: <Response>() =>
      Promise.resolve({ apiKeys: [0, 1, 8, 9, 10, 68].map((apiKey) => ({ apiKey, minVersion: 0, maxVersion })) } as Response),
  });

  it('must hold all requests that are sent', async () => {
    await checkVersions(answering(13));
    await expect(checkVersions(answering(11))).rejects.toSatisfy(
      (error) => hasCode(error, 'LOG_TOO_OLD') && String(error).includes('Fetch 12'),
    );
  });
});
