import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kafkaMissing, startKafka, type KafkaServer } from '../../../deploy/testbed/kafka.ts';
import { createTopic } from '../../../platform/probes/testing.ts';
import { doctor, wrong } from './doctor.ts';

const missing = await kafkaMissing();
const SASL = { username: 'vong', password: 'kin-nhu-bung' };

describe.skipIf(missing !== undefined)(`the doctor of a real Kafka${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let server: KafkaServer;
  const env = (more: Record<string, string> = {}) => ({
    VONG_KAFKA: server.brokers.join(','),
    VONG_KAFKA_CA: server.ca ?? '',
    VONG_KAFKA_USER: SASL.username,
    VONG_KAFKA_PASSWORD: SASL.password,
    VONG_KAFKA_REPLICAS: '1',
    VONG_PARTITIONS: '4',
    ...more,
  });
  /** But for the certificate of the test, which lives two days, and its one broker. */
  const lines = async (more: Record<string, string> = {}) =>
    wrong(await doctor(env(more), 'kafka')).filter(
      (line) => !/^warning kafka (certificate .*expires in 1 days|cluster: each record lies on one broker)/.test(line),
    );

  beforeAll(async () => {
    server = await startKafka({ tls: true, sasl: SASL });
  });
  afterAll(() => server?.stop());

  it('finds nothing wrong where the topics are still to be made', async () => {
    expect(await lines()).toEqual([]);
    const findings = await doctor(env(), 'kafka');
    const topics = findings
      .filter(({ check }) => check.startsWith('kafka topic'))
      .map(({ check, found }) => `${check}: ${found.slice(0, 13)}`);
    expect(topics).toContain('kafka topic vong.producers: not there yet');
    expect(topics).toHaveLength(5);
    expect(findings.find(({ check }) => check === 'kafka cluster')?.found).toMatch(
      /^1 brokers: 127\.0\.0\.1:\d+; works as Kafka 4\.\d \(metadata\.version \d+\)$/,
    );
  });

  it('names topics with too few partitions or another retention, with the command that mends them', async () => {
    const configs = { 'retention.ms': '60000', 'unclean.leader.election.enable': 'true' };
    await createTopic({ ...server, sasl: SASL }, { name: 'vong.events', partitions: 2, configs });
    const found = (await lines()).join('\n');
    expect(found).toContain('problem kafka topic vong.events: 2 partitions, 4 are asked for');
    expect(found).toContain(`kafka-topics.sh --bootstrap-server ${server.brokers[0]} --alter --topic vong.events --partitions 4`);
    expect(found).toMatch(/problem kafka topic vong\.events: .*retention\.ms is 60000 instead of 259200000.*retention\.ms=259200000/);
    expect(found).toContain('unclean.leader.election.enable=false');
  });

  it('counts brokers and replicas', async () => {
    const found = (await lines({ VONG_KAFKA_REPLICAS: '3', VONG_PARTITIONS: '2' })).join('\n');
    expect(found).toMatch(
      /problem kafka cluster: 1 brokers .*, 3 are to hold each record → Start 3 brokers, or for a trial set VONG_KAFKA_REPLICAS=1/,
    );
    expect(found).toContain('problem kafka topic vong.events: 1 replicas, 3 are asked for');
  });

  it('names a wrong password, TLS without its authority, and no TLS; shows no password', async () => {
    const refused = (await lines({ VONG_KAFKA_PASSWORD: 'HEMLIG' })).join('\n');
    expect(refused).toMatch(/problem kafka 127.*It refused the user or the password: correct VONG_KAFKA_USER and VONG_KAFKA_PASSWORD/);
    expect(refused).toContain('problem kafka cluster: not looked at: no broker answers');
    expect(refused).not.toContain('HEMLIG');
    expect((await lines({ VONG_KAFKA_CA: '', VONG_KAFKA_TLS: 'on' })).join('\n')).toMatch(
      /problem kafka certificate .*not trusted.*VONG_KAFKA_CA/,
    );
    expect((await lines({ VONG_KAFKA_CA: '' })).join('\n')).toMatch(/problem kafka 127/);
  });

  it('names the one broker of several that is away, and asks the others', async () => {
    const found = await lines({ VONG_KAFKA: `127.0.0.1:1,${server.brokers[0]}`, VONG_PARTITIONS: '2' });
    expect(found[0]).toMatch(/problem kafka 127\.0\.0\.1:1: .*ECONNREFUSED/);
    expect(found.join('\n')).not.toContain('no broker answers');
  });

  it('names one that hangs and one that is stopped', async () => {
    server.pause();
    expect((await lines()).join('\n')).toMatch(/no answer.* within 5 s.*It hangs/);
    server.resume();
    await server.kill();
    expect((await lines()).join('\n')).toMatch(/ECONNREFUSED.*start Kafka/);
  });

  it('names what this user may not see, with the command that allows it', async () => {
    const strict = await startKafka({
      tls: true,
      sasl: SASL,
      settings: {
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS',
      },
    });
    const found = await lines({ VONG_KAFKA: strict.brokers.join(','), VONG_KAFKA_CA: strict.ca ?? '' });
    await strict.stop();
    expect(found).toHaveLength(5);
    expect(found[0]).toMatch(
      /^problem kafka topic vong\.events: this user may not see it: TOPIC_AUTHORIZATION_FAILED → Run: kafka-acls\.sh .*User:vong --operation All --resource-pattern-type prefixed --topic 'vong\.'/,
    );
  });
});
