/** Prints appended and read records/s with 1,000-record batches: `node platform/log/test/bench.ts [folder]`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '../index.ts';
import { systemClock } from '../../clock/index.ts';

const BATCHES = 600;
const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'vong-log-bench-'));
const log = openLog({ path: join(folder, 'log.db'), topics: [{ name: 'events', partitions: 1, retention: {} }], clock: systemClock });
const text = 'Sysmon EventID 1 Image C:\\Windows\\System32\\cmd.exe CommandLine whoami /all ParentImage explorer.exe User CORP\\binh ';
const batches = Array.from({ length: BATCHES }, (_, batch) =>
  Array.from({ length: 1000 }, (_, i) => ({ key: `host-${batch % 7}`, value: Buffer.from(`${text}${batch * 1000 + i}`) })),
);
const started = performance.now();
for (const records of batches) await log.append({ batches: [{ topic: 'events', records }] });
const appended = performance.now();
let offset = 0;
while (offset < BATCHES * 1000) {
  offset = (await log.read({ topic: 'events', partition: 0, offset, maxRecords: 500 })).nextOffset;
}
const read = performance.now();
const rate = (ms: number): number => Math.round((BATCHES * 1000) / (ms / 1000));
const [state] = await log.partitions('events');
console.log(JSON.stringify({ append_per_s: rate(appended - started), read_per_s: rate(read - appended), bytes: state?.bytes }));
await log.close();
rmSync(folder, { recursive: true });
