/** Which checks a configuration asks for. */
import { likelyVariable, type Config } from '@vong/platform/config';
import { authorities } from './certificates.ts';
import { elasticsearch } from './elasticsearch.ts';
import { ok, warning, type Check, type Finding } from './finding.ts';
import { kafka } from './kafka.ts';
import { machine } from './machine.ts';
import { knownMigrations } from './migrations.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';

export function checksOf(config: Config): Check[] {
  return [
    { name: 'settings', run: async () => judgeSettings(config) },
    ...machine(config),
    ...(config.kafka === undefined ? [] : kafka(config, config.kafka)),
    ...(config.elasticsearch === undefined ? [] : elasticsearch(config.elasticsearch)),
    ...(config.postgres === undefined ? [] : postgres(config.postgres, knownMigrations())),
    ...(config.redis === undefined ? [] : redis(config.redis)),
    authorities(config, Date.now()),
  ];
}

export function judgeSettings(config: Config): Finding[] {
  const servers = { Kafka: config.kafka, Elasticsearch: config.elasticsearch, PostgreSQL: config.postgres, Redis: config.redis };
  const used = Object.entries(servers).flatMap(([name, group]) => (group === undefined ? [] : [name]));
  const where = used.length === 0 ? 'everything embedded' : `servers: ${used.join(', ')}`;
  return [
    ok('settings', `${where}; roles: ${[...config.roles].join(', ')}`),
    ...config.unknown.map((name) => {
      const near = likelyVariable(name);
      const advice = near === undefined ? 'See docs/reference/configuration.md, or: unset' : `Do you mean ${near}? Otherwise: unset`;
      return warning('settings', `the variable ${name} is no setting of ours`, `${advice} ${name}`);
    }),
  ];
}
