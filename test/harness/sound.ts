import { expect } from 'vitest';
import type { SearchPage } from '@vong/platform/events';
import type { TestServer } from '../../deploy/testbed/vong.ts';
import { ask } from './front-door.ts';

/** The server, which has events, still answers; no part of it failed, and it stops cleanly. */
export async function expectSound(server: TestServer): Promise<void> {
  const { items } = await server.call<SearchPage>('/api/events?limit=1');
  expect(items).toHaveLength(1);
  expect((await ask(server, '/readyz')).status).toBe(200);
  expect(await server.stop()).toBe(0);
  expect(server.output()).not.toMatch(/failed by a bug|thread (failed|ended)/);
}
