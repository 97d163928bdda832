import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openEventStore } from '../index.ts';
import { orderOfBatches } from './order.ts';

const folder = mkdtempSync(join(tmpdir(), 'vong-events-order-'));
afterAll(() => rmSync(folder, { recursive: true }));

orderOfBatches('DuckDB', () => openEventStore({ path: folder }));
