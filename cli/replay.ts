/** `./vong replay FILE`: a recording through the gateway of a running server. */
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { AgentCreated } from '@vong/collector/contracts';
import { replayFile } from '@vong/range/replay';
import { connect, withServerFlags, type ServerFlags } from './client.ts';
import { EXIT_HELP } from './exit.ts';
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
  const client = await connect(flags);
  const name =
    flags.name ??
    `replay-${basename(file)
      .replaceAll(/[^A-Za-z0-9._-]/g, '-')
      .slice(0, 40)}-${Date.now().toString(36)}`;
  const created = (await client.request('/api/agents', { method: 'POST', body: { agency: flags.agency, name } })) as AgentCreated;
  const progress = startProgress('events');
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const result = await replayFile({
    file,
    server: client.url,
    token: created.token,
    speed: Number(flags.speed),
    shiftTime: flags.shiftTime ?? false,
    onProgress: ({ sent, total }) => progress.update(sent, total),
    signal: stop.signal,
  });
  progress.stop();
  process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : `${result.sent} events sent in ${(result.ms / 1000).toFixed(1)} s\n`);
}
