/**
 * The order of a move. While the node runs: events and state so far. Once it has stopped (its directory is locked by us): the rest, what
 * its consumers had not read, and the comparison of both sides. Everything can be broken off at any moment and begun again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DETECTOR_GROUP } from '@vong/engine/detector';
import { systemClock as clock } from '@vong/platform/clock';
import type { Config } from '@vong/platform/config';
import { markMoved, type DirectoryLock } from '@vong/platform/log';
import { moveError, type MoveRow } from '@vong/platform/move';
import { Checksum, type StateFile } from '@vong/platform/state';
import { join } from 'node:path';
import { startProgress } from '../progress.ts';
import { compareEvents, copyEvents, copySlot } from './events.ts';
import { lockIfStopped, openStopped, readState, remains, runningNode, type StoppedNode } from './node.ts';
import { pagesOfNode, pagesOfStore, type EventPages } from './pages.ts';
import { PROGRESS_FILE, ProgressFile } from './progress-file.ts';
import { appendRest, carryProducers, compareProducers, compareRecords, planTopic, type Plan } from './records.ts';
import { isEqual, type MoveReport } from './report.ts';
import { carryNumbers, compareState, copyState, LEFT_BEHIND, placesIn } from './tables.ts';
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
    const lock = await whileItRuns(options, { target, done });
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
      return await compared({ directory, say }, { node, target, plan: planOf(row.plan) });
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
async function whileItRuns({ directory, say, wait }: MoveOptions, parts: Parts): Promise<DirectoryLock | undefined> {
  for (let round = 1; ; round++) {
    const lock = lockIfStopped(directory);
    if (lock !== undefined) return lock;
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
  await copyAllState(file, parts).finally(() => file.close());
}

async function untilStopped(directory: string, waitMs: number): Promise<DirectoryLock | undefined> {
  for (const last = performance.now() + waitMs; performance.now() < last; await sleep(LOOK_MS)) {
    const lock = lockIfStopped(directory);
    if (lock !== undefined) return lock;
  }
  return undefined;
}

async function end({ directory, say }: MoveOptions, { target, done, row }: Parts & { row: MoveRow }): Promise<MoveReport> {
  markMoved(directory, { to: target.name, at: clock.now() });
  say('The node has stopped: copying the rest.');
  const node = await openStopped(directory);
  try {
    const plan = await planned({ directory, node, target, row });
    const logs = { source: node.log, target: target.log };
    const pages = pagesOfStore(node.events);
    await copyAllEvents(pages, { target, done });
    await copyAllState(node.state, { target });
    await carryNumbers({ from: node.state, to: target.tables });
    const bar = startProgress('records');
    let records = 0;
    for (const topic of plan) await appendRest(logs, topic, (count) => bar.update((records += count)));
    bar.stop();
    await carryProducers(node.logPath, target.log);
    const report = await compared({ directory, say }, { node, target, plan, done });
    const ended = report.equal ? ({ stage: 'done', done_at: clock.now() } as const) : {};
    await noteMove(target, { ...row, stage: 'ending', plan: JSON.stringify(plan), report: JSON.stringify(report), ...ended });
    return report;
  } finally {
    await node.close();
  }
}

/** From where the node's log is carried over: fixed once, for a part of it may be in the cluster already. */
async function planned(given: { directory: string; node: StoppedNode; target: Target; row: MoveRow }): Promise<Plan> {
  const { directory, node, target, row } = given;
  const logs = { source: node.log, target: target.log };
  const next = {
    events: await node.log.committed(DETECTOR_GROUP, 'events'),
    signals: placesIn(node.state, 'alert_offsets'),
    'dead-letters': placesIn(node.state, 'dead_letter_offsets'),
  } as const;
  const now: Plan = [
    await planTopic('events', logs, next.events),
    await planTopic('signals', logs, next.signals),
    await planTopic('dead-letters', logs, next['dead-letters']),
  ];
  if (row.plan === null) {
    await noteMove(target, { ...row, stage: 'ending', plan: JSON.stringify(now) });
    return now;
  }
  const before = planOf(row.plan);
  const place = (plan: Plan): string => JSON.stringify(plan.map(({ topic, from, end: to }) => [topic, from, to]));
  if (place(before) !== place(now)) throw moveError('MOVE_RAN_AGAIN', { progress: join(directory, PROGRESS_FILE) });
  return before;
}

function planOf(text: string): Plan {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written above
  return JSON.parse(text) as Plan;
}

async function copyAllEvents(from: EventPages, { target, done }: Parts): Promise<void> {
  const bar = startProgress('events', await eventsIn(from));
  let events = 0;
  await copyEvents({ from, to: target.events, done, onEvents: (count) => bar.update((events += count)) });
  bar.stop();
}

/** For the bar only. */
async function eventsIn(pages: EventPages): Promise<number> {
  const edges = await pages.edges();
  return edges === undefined ? 0 : (await pages.histogram({ from: edges.first, to: edges.last + 1 }, 1)).total;
}

async function copyAllState(from: StateFile, { target }: Pick<Parts, 'target'>): Promise<void> {
  const bar = startProgress('rows');
  let rows = 0;
  await copyState({ from, to: target.tables, onRows: (count) => bar.update((rows += count)) });
  bar.stop();
}

interface Sides {
  readonly node: StoppedNode;
  readonly target: Target;
  readonly plan: Plan;
  /** Given, slots that were just read are not read again, and what differs is copied once more. */
  readonly done?: ProgressFile;
}

async function compared({ directory, say }: Pick<MoveOptions, 'directory' | 'say'>, sides: Sides): Promise<MoveReport> {
  const { node, target, plan, done } = sides;
  say('Comparing both sides.');
  const source = pagesOfStore(node.events);
  const bar = startProgress('events', await eventsIn(source));
  let events = 0;
  const onEvents = (count: number): void => bar.update((events += count));
  const copying = done && {
    known: ({ from, to, events: now }: { from: number; to: number; events: number }) => {
      const read = done.slot(from, to);
      return read?.cursor === null && read.events === now ? new Checksum(read.checksum, read.events) : undefined;
    },
    repair: async (slot: Parameters<typeof copySlot>[1]) =>
      void (await copySlot({ from: source, to: target.events, done, onEvents: () => undefined }, slot)),
  };
  const days = await compareEvents({ source, target: pagesOfStore(target.events), onEvents, ...copying });
  bar.stop();
  const logs = { source: node.log, target: target.log };
  const records = [];
  for (const topic of plan) records.push(await compareRecords(logs, topic));
  const parts = {
    source: directory,
    target: target.name,
    tables: await compareState({ from: node.state, to: target.tables }),
    leftBehind: LEFT_BEHIND,
    days,
    records,
    producers: await compareProducers(node.logPath, target.log),
    notes: remains(directory),
  };
  return { equal: isEqual(parts), ...parts };
}
