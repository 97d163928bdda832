/** The thread of `checkpointer.ts`. PASSIVE waits for nobody and holds up nobody. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

const db = new DatabaseSync(String(workerData), { timeout: 1000 });
parentPort?.on('message', () => {
  try {
    db.exec('PRAGMA wal_checkpoint(PASSIVE)');
  } catch {
    // A full disk or a busy file: the next message tries again, and the writer reports what matters.
  }
});
