/** The audit trail names what people did in words: every action the server records is known to the page. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { ACTIONS } from '../web/features/settings/actions.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const ROOMS = ['platform', 'collector', 'engine', 'range'];
const THINGS = [...new Set(ACTIONS.map((action) => action.split('.')[0]))].join('|');

it('every action that is recorded has words', () => {
  const sources = ROOMS.flatMap((room) =>
    readdirSync(`${root}${room}`, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !/\.test\.ts$|node_modules|(^|\/)test\//.test(path))
      .map((path) => readFileSync(`${root}${room}/${path}`, 'utf8')),
  );
  const recorded = new Set(
    sources
      .filter((text) => text.includes('recordAudit'))
      .flatMap((text) => [...text.matchAll(new RegExp(`'((?:${THINGS}|[a-z_]+(?=\\.(?:create|change)'))\\.[a-z_]+)'`, 'g'))])
      .map(([, action]) => action),
  );
  expect(recorded).toEqual(new Set(ACTIONS));
});
