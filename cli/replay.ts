/** `./vong replay FILE`: a recording through the gateway of a running server. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { AgentCreated } from '@vong/collector/contracts';
import type { ReplayProgress, ReplayResult } from '@vong/range/replay';
import { connect, withServerFlags, type ServerFlags } from './client.ts';
import { CommandFailure, EXIT, EXIT_HELP } from './exit.ts';
import { startProgress } from './progress.ts';

interface ReplayFlags extends ServerFlags {
  readonly agency: string;
  readonly speed: string;
  readonly shiftTime?: boolean;
  readonly name?: string;
  readonly json?: boolean;
}

export function replayCommand(program: Command): void {
  withServerFlags(
    program.command('replay').description('send a recording (NDJSON, JSON, EVTX, zip, tar.gz, log lines) through the gateway'),
  )
    .argument('<file>')
    .requiredOption('--agency <code>', 'agency the events belong to')
    .option('--speed <n>', '1 = as recorded … 1000; 0 = as fast as the gateway takes it', '0')
    .option('--shift-time', 'move time stamps so that the first event happens now')
    .option('--name <agent>', 'name of the agent that sends (default: from the file and the time)')
    .option('--json', 'the result as JSON')
    .addHelpText('after', EXIT_HELP)
    .action(async (file: string, flags: ReplayFlags) => await replay(file, flags));
}

async function replay(file: string, flags: ReplayFlags): Promise<void> {
  const speed = speedOf(flags.speed);
  if (!existsSync(file)) throw new CommandFailure(EXIT.usage, `${file} does not exist.`);
  const { replayFile } = await import('@vong/range/replay');
  const client = await connect(flags);
  const name = flags.name ?? `replay-${asName(basename(file))}-${Date.now().toString(36)}`;
  const created = (await client.request('/api/agents', { method: 'POST', body: { agency: flags.agency, name } })) as AgentCreated;
  const progress = startProgress('events');
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  try {
    const shiftTime = flags.shiftTime ?? false;
    const onProgress = ({ sent, total }: ReplayProgress): void => progress.update(sent, total);
    const result = await replayFile({ file, server: client.url, token: created.token, speed, shiftTime, onProgress, signal: stop.signal });
    progress.stop();
    report(result, flags);
  } finally {
    progress.stop();
    // Its token was for this recording only.
    await client.request(`/api/agents/${created.agent.id}`, { method: 'DELETE' }).catch((error: unknown) => {
      process.stderr.write(`vong: the agent ${name} stays enrolled: ${error instanceof Error ? error.message : String(error)}\n`);
    });
  }
}

function report(result: ReplayResult, flags: ReplayFlags): void {
  if (flags.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    const letters = result.deadLettered > 0 ? `, ${result.deadLettered} of them to the dead letter` : '';
    process.stdout.write(`${result.sent} events sent in ${(result.ms / 1000).toFixed(1)} s${letters}\n`);
    for (const problem of result.problems) process.stderr.write(`${problem}\n`);
  }
  if (result.cancelled) throw new CommandFailure(EXIT.failed, `Stopped after ${result.sent} events.`);
}

function speedOf(text: string): number {
  const speed = Number(text);
  if (text.trim() !== '' && speed >= 0 && speed <= 1000) return speed;
  throw new CommandFailure(EXIT.usage, `--speed is "${text}" and must be a number from 0 to 1000.`);
}

/** What an agent may be called. */
function asName(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9._-]/g, '-').slice(0, 40);
}
