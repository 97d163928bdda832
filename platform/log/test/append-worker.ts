import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../clock/index.ts';
import { openLog } from '../index.ts';
import { TOPICS } from './topics.ts';

const log = openLog({ path: String(workerData), topics: TOPICS, clock: systemClock });
parentPort?.on('message', (count: number) => {
  const records = Array.from({ length: count }, (_, i) => ({ key: 'k', value: Buffer.from(String(i)) }));
  void log.append({ batches: [{ topic: 'signals', records }] }).then(() => parentPort?.postMessage('appended'));
});
parentPort?.postMessage('ready');
