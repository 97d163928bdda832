/** `./vong migrate embedded-to-cluster`: moves an embedded node into a cluster. The work is in `migrate/`. */
import type { Command } from 'commander';
import { loadConfig, type Config } from '@vong/platform/config';
import { VongError } from '@vong/platform/errors';
import { CommandFailure, EXIT } from './exit.ts';
import { reportText, type MoveReport } from './migrate/report.ts';

/** Beside the codes of every command. */
const MOVE_EXIT = { ...EXIT, different: 5, copying: 6 } as const;

const CODES = `
The node may run while most of it is copied. When the command says so, stop the node (SIGTERM) and keep it stopped: the command waits for
that, copies the rest, compares both sides, and marks the data directory, so that no node starts on it again. Then start the roles of
the cluster and give agents its address; they go on where they were. Broken off at any moment (kill -9 too), the same command goes on.

Exit codes:
  0  moved, and both sides are equal (with --verify-only: equal)
  1  the work failed (the message says why); the same command goes on
  2  bad arguments or settings, or no embedded node in that directory
  3  the cluster is not empty, or holds another node's move
  4  the running node does not answer, or a server of the cluster cannot be reached
  5  both sides differ: the report names tables, days and topics
  6  with --no-wait: copied so far; the node still runs
`;

const EXIT_OF: Readonly<Record<string, number>> = {
  MOVE_SOURCE: EXIT.usage,
  MOVE_NOT_EMPTY: EXIT.refused,
  MOVE_OTHER_SOURCE: EXIT.refused,
  MOVE_RAN_AGAIN: EXIT.refused,
  STATE_UNAVAILABLE: EXIT.unreachable,
  LOG_UNAVAILABLE: EXIT.unreachable,
  EVENTS_STORE_UNAVAILABLE: EXIT.unreachable,
};

interface Flags {
  readonly data: string;
  readonly config?: string;
  readonly wait: boolean;
  readonly verifyOnly?: boolean;
  readonly json?: boolean;
}

export function migrateCommand(program: Command): void {
  program
    .command('migrate')
    .description('move a node to other servers')
    .command('embedded-to-cluster')
    .description('copy state, rules, alerts, events and the unread log of an embedded node into an empty cluster, and compare both')
    .requiredOption('--data <dir>', 'data directory of the embedded node, on this machine')
    .option('--config <file>', 'configuration file of the cluster (VONG_CONFIG); the environment counts as it does for serve')
    .option('--no-wait', 'end when everything so far is copied, instead of waiting for the node to stop')
    .option('--verify-only', 'compare both sides and change nothing; before the cluster is started')
    .option('--json', 'the report as JSON')
    .addHelpText('after', CODES)
    .action(async (flags: Flags) => {
      const config = clusterConfig(flags);
      const report = await moved(flags, config);
      if (report === undefined) {
        process.exitCode = MOVE_EXIT.copying;
        return;
      }
      process.stdout.write(flags.json ? `${JSON.stringify(report, undefined, 2)}\n` : reportText(report));
      process.exitCode = report.equal ? MOVE_EXIT.ok : MOVE_EXIT.different;
    });
}

async function moved(flags: Flags, config: Config): Promise<MoveReport | undefined> {
  // The clients of all servers: only who asks for them waits until they are loaded.
  const [{ move, verify }, { checkNode }] = await Promise.all([import('./migrate/run.ts'), import('./migrate/node.ts')]);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  try {
    const options = { directory: checkNode(flags.data), config, say };
    return flags.verifyOnly ? await verify(options) : await move({ ...options, wait: flags.wait });
  } catch (error) {
    if (!(error instanceof VongError)) throw error;
    throw new CommandFailure(EXIT_OF[error.code] ?? EXIT.failed, error.message, { cause: error });
  }
}

function clusterConfig({ config: file }: Flags): Config {
  try {
    const config = loadConfig({ ...process.env, ...(file === undefined ? {} : { VONG_CONFIG: file }) });
    const missing = (['kafka', 'elasticsearch', 'postgres'] as const).filter((server) => config[server] === undefined);
    if (missing.length === 0) return config;
    const names = missing.map((server) => `VONG_${server.toUpperCase()}`).join(', ');
    throw new CommandFailure(EXIT.usage, `The settings name no cluster to move to: ${names} is missing.`);
  } catch (error) {
    if (error instanceof VongError) throw new CommandFailure(EXIT.usage, error.message, { cause: error });
    throw error;
  }
}
