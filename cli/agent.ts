/** `./vong agent`: reads this machine's logs and sends them to a server. */
import { readFileSync } from 'node:fs';
import { InvalidArgumentError, type Command } from 'commander';
import { DEFAULT_SPOOL_LIMIT, defaultSources, startAgent, type Agent, type AgentOptions } from '@vong/collector/agent';
import { parseAgentConfig, parseSize, type AgentConfig } from '@vong/collector/agent';
import { CommandFailure, EXIT } from './exit.ts';

const EXIT_CODES = `
Without --file, --evtx, --journald or --stdin the agent follows what this machine has: the journal, auth.log, syslog,
audit.log, nginx and apache access logs. Options win over the configuration file, which has the same names:
  { "server": "https://soc.example.vn", "tokenFile": "/etc/vong/token", "data": "/var/lib/vong-agent",
    "files": ["/var/log/auth.log", "/srv/*/log/*.json"], "journald": true, "spoolLimit": "4GB" }

Exit codes:
  0  stopped by a signal, or standard input ended and everything was delivered
  1  the agent could not start or go on (another agent uses the data directory, the spool cannot be read)
  2  bad arguments or configuration
`;

interface AgentFlags {
  readonly config?: string;
  readonly server?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly data?: string;
  readonly file?: string[];
  readonly evtx?: string[];
  readonly journald?: boolean;
  readonly stdin?: boolean;
  readonly format?: string;
  readonly spoolLimit?: number;
  readonly host?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export function agentCommand(program: Command): void {
  program
    .command('agent')
    .description("read this machine's logs and send them to a server; nothing is lost when either stops")
    .option('--config <file>', 'JSON file with these settings')
    .option('--server <url>', 'address of the server')
    .option('--token <token>', 'agent token; other users of this machine can see it: prefer --token-file')
    .option('--token-file <file>', 'file that holds the agent token')
    .option('--data <dir>', 'folder for the spool and the positions')
    .option('--file <pattern...>', 'log files; * ** ? [a-z] {a,b} may be used')
    .option('--evtx <pattern...>', 'Windows event log files')
    .option('--journald', 'the systemd journal')
    .option('--stdin', 'standard input; ends when it ends and all is delivered')
    .option('--format <format>', 'how files are to be read: auto, syslog, auditd, nginx, apache, json, windows')
    .option('--spool-limit <size>', 'most that waits on disk, for example 500MB (default 2GB); when reached, reading pauses', sizeArgument)
    .option('--host <name>', "name of this machine in the events (default: the system's)")
    .option('--ca <file>', 'PEM file of the authority that signed the server certificate')
    .option('--cert <file>', 'PEM file of a client certificate')
    .option('--key <file>', 'PEM file of its key')
    .addHelpText('after', EXIT_CODES)
    .action(async (flags: AgentFlags) => await run(flags));
}

async function run(flags: AgentFlags): Promise<void> {
  const config = flags.config === undefined ? {} : parseAgentConfig(readText(flags.config), flags.config);
  const agent = start(await optionsOf(flags, config));
  const signalled = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await Promise.race([signalled, agent.finished]);
  await agent.stop();
}

function start(options: AgentOptions): Agent {
  try {
    return startAgent(options);
  } catch (error) {
    const bad = error instanceof Error && 'code' in error && error.code === 'AGENT_BAD_OPTIONS';
    throw new CommandFailure(bad ? EXIT.usage : EXIT.failed, error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function optionsOf(flags: AgentFlags, config: AgentConfig): Promise<AgentOptions> {
  const files = flags.file ?? config.files;
  const evtx = flags.evtx ?? config.evtx;
  const chosen = {
    ...(files === undefined ? {} : { files }),
    ...(evtx === undefined ? {} : { evtx }),
    journald: flags.journald ?? config.journald ?? false,
    stdin: flags.stdin ?? config.stdin ?? false,
  };
  const none = files === undefined && evtx === undefined && !chosen.journald && !chosen.stdin;
  const format = flags.format === undefined ? config.format : parseAgentConfig(JSON.stringify({ format: flags.format }), '--format').format;
  const tls = { ...config.tls, ...pick(flags, 'ca', 'cert', 'key') };
  const host = flags.host ?? config.host;
  return {
    server: required(flags.server ?? config.server, 'server'),
    token: tokenOf(flags, config),
    data: required(flags.data ?? config.data, 'data'),
    sources: { ...(none ? await defaultSources() : chosen), ...(format === undefined ? {} : { format }) },
    spoolLimit: flags.spoolLimit ?? config.spoolLimit ?? DEFAULT_SPOOL_LIMIT,
    ...(host === undefined ? {} : { host }),
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
  };
}

function tokenOf(flags: AgentFlags, config: AgentConfig): string {
  if (flags.token !== undefined) return flags.token;
  const file = flags.tokenFile ?? config.tokenFile;
  return file === undefined ? required(config.token, 'token-file') : readText(file).trim();
}

function required(value: string | undefined, name: string): string {
  if (value !== undefined && value !== '') return value;
  throw new CommandFailure(EXIT.usage, `--${name} is missing. "./vong agent --help" shows every option.`);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CommandFailure(EXIT.usage, `${path} cannot be read`, { cause: error });
  }
}

function pick(flags: AgentFlags, ...names: ('ca' | 'cert' | 'key')[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])));
}

function sizeArgument(text: string): number {
  const bytes = parseSize(text);
  if (bytes === undefined) throw new InvalidArgumentError('Give a size such as 500MB or 2GB.');
  return bytes;
}
