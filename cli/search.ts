/** `./vong search 'KQL'`: events of a running server, as the console would find them. */
import type { Command } from 'commander';
import type { EcsEvent, SearchPage } from '@vong/platform/events';
import { connect, withServerFlags, type ServerFlags } from './client.ts';
import { CommandFailure, EXIT, EXIT_HELP } from './exit.ts';

interface SearchFlags extends ServerFlags {
  readonly from?: string;
  readonly to?: string;
  readonly agency?: string;
  readonly limit: string;
  readonly order: string;
  readonly json?: boolean;
}

const PAGE = 1000;

export function searchCommand(program: Command): void {
  withServerFlags(program.command('search').description('find events: ./vong search \'host.name: web01 and "failed password"\''))
    .argument('<kql>', 'query in the KQL subset of the console; "" finds everything')
    .option('--from <time>', 'earliest time, ISO 8601')
    .option('--to <time>', 'latest time (exclusive), ISO 8601')
    .option('--agency <code>', 'only this agency and those below it')
    .option('--limit <n>', 'at most this many events; 0 = all', '100')
    .option('--order <order>', 'newest or oldest first', 'newest')
    .option('--json', 'one JSON event per line')
    .addHelpText('after', EXIT_HELP)
    .action(async (kql: string, flags: SearchFlags) => await search(kql, flags));
}

async function search(kql: string, flags: SearchFlags): Promise<void> {
  const limit = limitOf(flags.limit);
  const range = { from: timeOf(flags.from, 'from'), to: timeOf(flags.to, 'to') };
  const client = await connect(flags);
  let [found, cursor]: [number, string | undefined] = [0, undefined];
  do {
    const query = new URLSearchParams({ q: kql, limit: String(Math.min(PAGE, limit - found)), order: flags.order });
    if (range.from !== undefined) query.set('from', String(range.from));
    if (range.to !== undefined) query.set('to', String(range.to));
    if (flags.agency !== undefined) query.set('agency', flags.agency);
    if (cursor !== undefined) query.set('cursor', cursor);
    const page = (await client.request(`/api/events?${query.toString()}`)) as SearchPage;
    for (const event of page.items) process.stdout.write(`${flags.json ? JSON.stringify(event) : lineOf(event)}\n`);
    found += page.items.length;
    cursor = page.next;
  } while (cursor !== undefined && found < limit);
  if (!flags.json) process.stderr.write(`${found} events\n`);
}

function limitOf(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new CommandFailure(EXIT.usage, `--limit is "${text}" and must be a whole number; 0 = all.`);
  return Number(text) || Infinity;
}

function timeOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new CommandFailure(EXIT.usage, `--${name} is "${text}" and must be a time such as 2026-11-22T03:00:00Z.`);
  return ms;
}

function lineOf(event: EcsEvent): string {
  const text = event.process?.command_line ?? event.message ?? event.event.original;
  return `${event['@timestamp']}  ${event.organization.id}  ${event.host?.name ?? '-'}  ${event.event.module}  ${text.replaceAll(/\s+/g, ' ').slice(0, 200)}`;
}
