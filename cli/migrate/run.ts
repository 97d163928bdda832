/**
 * The order of a move. While the node runs: events and state so far. Once it has stopped (its directory is locked by us): the rest, what
 * its consumers had not read, and the comparison of both sides. Everything can be broken off at any moment and begun again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock as clock } from '@vong/platform/clock';
import type { Config } from '@vong/platform/config';
import { markMoved, type DirectoryLock } from '@vong/platform/log';
import { moveError, type MoveRow } from '@vong/platform/move';
import { startProgress } from '../progress.ts';
import { publishAll } from './alert-topic.ts';
import { compareAll } from './compare.ts';
import { copyAllEvents, copyAllState } from './copy.ts';
import { lockIfStopped, openStopped, readState, runningNode } from './node.ts';
import { pagesOfNode, pagesOfStore } from './pages.ts';
import { planned, planOf, ranAgain } from './plan.ts';
import { ProgressFile } from './progress-file.ts';
import { appendRest, carryProducers } from './records.ts';
import type { MoveReport } from './report.ts';
import { carryNumbers } from './tables.ts';
import { moveIn, noteMove, openTarget, refuseUnlessEmpty, type Target } from './target.ts';

export interface MoveOptions {
  readonly directory: string;
  readonly config: Config;
  /** Told what is done now, a line for people. */
  readonly say: (line: string) => void;
  /** False: ends when everything so far is copied and the node still runs. */
  readonly wait: boolean;
}

/** Between two rounds of copying while a node that is to be stopped still runs. */
const ROUND_MS = 60_000;
const LOOK_MS = 300;
/** A node that was told to stop finishes what is in hand. */
const STOPPING_MS = 15_000;

/** Undefined when the node still runs and is not waited for. */
export async function move(options: MoveOptions): Promise<MoveReport | undefined> {
  const { directory, config } = options;
  const target = await openTarget(config);
  const done = new ProgressFile(directory);
  try {
    const row = await begun(options, { target, done });
    if (row.stage === 'done' && row.report !== null) {
      options.say(`The node was moved already (${new Date(row.done_at ?? 0).toISOString()}); --verify-only compares both sides again.`);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written below
      return JSON.parse(row.report) as MoveReport;
    }
    const lock = await whileItRuns(options, { target, done, row });
    if (lock === undefined) return undefined;
    try {
      return await end(options, { target, done, row });
    } finally {
      lock.release();
    }
  } finally {
    done.close();
    await target.close();
  }
}

/** Compares what was moved, and changes nothing. The node is stopped, and the cluster has not been started since. */
export async function verify({ directory, config, say }: Omit<MoveOptions, 'wait'>): Promise<MoveReport> {
  const target = await openTarget(config);
  const lock = lockIfStopped(directory);
  try {
    if (lock === undefined)
      throw moveError('MOVE_SOURCE', { directory, reason: 'the node runs; stop it, then both sides can be compared' });
    const row = await moveIn(target);
    if (row?.plan === undefined || row.plan === null)
      throw moveError('MOVE_SOURCE', { directory, reason: 'it has not been moved to this cluster' });
    const done = new ProgressFile(directory);
    const known = done.id === row.id;
    done.close();
    if (!known) throw moveError('MOVE_OTHER_SOURCE', { source: row.source });
    const node = await openStopped(directory);
    try {
      say('Comparing both sides.');
      return await compareAll(directory, { node, target, plan: planOf(row.plan) });
    } finally {
      await node.close();
    }
  } finally {
    lock?.release();
    await target.close();
  }
}

interface Parts {
  readonly target: Target;
  readonly done: ProgressFile;
}

/** The move as the cluster notes it: this one's, or a new one where both are empty of any. */
async function begun({ directory }: MoveOptions, { target, done }: Parts): Promise<MoveRow> {
  const row = await moveIn(target);
  if (row !== undefined) {
    if (row.id === done.id) return row;
    throw moveError('MOVE_OTHER_SOURCE', { source: row.source });
  }
  const file = readState(directory);
  const names = file.tables.map(({ name }) => name).filter((name) => name !== 'migrations' && name !== 'moves');
  file.close();
  await refuseUnlessEmpty(target, names);
  const fresh = { source: directory, stage: 'copying', plan: null, begun_at: clock.now(), done_at: null, report: null } as const;
  const made = { id: done.begin(), ...fresh };
  await noteMove(target, made);
  return made;
}

/** Copies until the node has stopped; then its lock. */
async function whileItRuns(options: MoveOptions, parts: Parts & { row: MoveRow }): Promise<DirectoryLock | undefined> {
  const { directory, say, wait } = options;
  for (let round = 1; ; round++) {
    const lock = lockIfStopped(directory);
    if (lock !== undefined) return lock;
    if (parts.row.plan !== null) throw ranAgain(directory);
    if (round === 1) say('The node runs: copying what it has so far.');
    try {
      await copySoFar(directory, parts);
    } catch (error) {
      // It was stopped meanwhile: then the rest can be copied.
      const stopped = await untilStopped(directory, STOPPING_MS);
      if (stopped === undefined) throw error;
      return stopped;
    }
    if (round === 1)
      say(`Copied so far. Stop the node now (SIGTERM); agents keep what they cannot send.${wait ? ' Waiting for it to stop.' : ''}`);
    if (!wait) return undefined;
    const stopped = await untilStopped(directory, ROUND_MS);
    if (stopped !== undefined) return stopped;
  }
}

async function copySoFar(directory: string, parts: Parts): Promise<void> {
  await copyAllEvents(pagesOfNode(await runningNode(directory)), parts);
  const file = readState(directory);
  await copyAllState(file, parts.target).finally(() => file.close());
}

async function untilStopped(directory: string, waitMs: number): Promise<DirectoryLock | undefined> {
  for (const last = performance.now() + waitMs; performance.now() < last; await sleep(LOOK_MS)) {
    const lock = lockIfStopped(directory);
    if (lock !== undefined) return lock;
  }
  return undefined;
}

async function end({ directory, say }: MoveOptions, { target, done, row }: Parts & { row: MoveRow }): Promise<MoveReport> {
  say('The node has stopped: copying the rest.');
  const node = await openStopped(directory);
  try {
    const plan = await planned({ directory, node, target, row });
    // What it did from now on would be in no plan.
    markMoved(directory, { to: target.name, at: clock.now() });
    const logs = { source: node.log, target: target.log };
    const pages = pagesOfStore(node.events);
    await copyAllEvents(pages, { target, done });
    await copyAllState(node.state, target);
    await carryNumbers({ from: node.state, to: target.tables });
    const bar = startProgress('records');
    let records = 0;
    for (const topic of plan) await appendRest(logs, topic, (count) => bar.update((records += count)));
    bar.stop();
    await carryProducers(node.logPath, target.log);
    await publishAll(node.state, target.log);
    say('Comparing both sides.');
    const report = await compareAll(directory, { node, target, plan, done });
    const ended = report.equal ? ({ stage: 'done', done_at: clock.now() } as const) : {};
    await noteMove(target, { ...row, stage: 'ending', plan: JSON.stringify(plan), report: JSON.stringify(report), ...ended });
    return report;
  } finally {
    await node.close();
  }
}
