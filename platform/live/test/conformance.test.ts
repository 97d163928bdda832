import { afterAll, beforeAll, describe } from 'vitest';
import { startRedis, type RedisServer } from '../../../deploy/testbed/redis.ts';
import { available } from '../../../deploy/testbed/servers.ts';
import { liveConformance } from './conformance.ts';
import { useRedis } from './setup.ts';

describe('live push of one node', () => {
  liveConformance();
});

const found = await available('redis');

describe.skipIf(!found.ok)(`live push of a node among many${found.ok ? '' : ` (${found.why})`}`, () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
    useRedis({ url: server.url });
  });
  afterAll(async () => {
    useRedis(undefined);
    await server.stop();
  });

  liveConformance();
});
