/** `./vong agent`: reads this machine's logs and sends them to a server. */
import { mkdirSync, readFileSync } from 'node:fs';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Option, type Command } from 'commander';
import type { AgentConfig, AgentOptions, SourceOptions } from '@vong/collector/agent';
import type { RecordFormat } from '@vong/collector/contracts';
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

const FORMATS: RecordFormat[] = ['auto', 'windows', 'syslog', 'auditd', 'nginx', 'apache', 'json', 'journald'];

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
  readonly format?: RecordFormat;
  readonly spoolLimit?: string;
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
    .option('--data <dir>', `folder for the spool and the positions (default: ${usualFolder()})`)
    .option('--file <pattern...>', 'log files; * ** ? [a-z] {a,b} may be used')
    .option('--evtx <pattern...>', 'Windows event log files')
    .option('--journald', 'the systemd journal')
    .option('--stdin', 'standard input; ends when it ends and all is delivered')
    .addOption(new Option('--format <format>', 'how files and standard input are to be read').choices(FORMATS))
    .option('--spool-limit <size>', 'most that waits on disk, for example 500MB (default 2GB); when reached, reading pauses')
    .option('--host <name>', "name of this machine in the events (default: the system's)")
    .option('--ca <file>', 'PEM file of the authority that signed the server certificate')
    .option('--cert <file>', 'PEM file of a client certificate')
    .option('--key <file>', 'PEM file of its key')
    .addHelpText('after', EXIT_CODES)
    .action(async (flags: AgentFlags) => await run(flags));
}

async function run(flags: AgentFlags): Promise<void> {
  const data = flags.data ?? (await configOf(flags)).data ?? usualFolder();
  makePrivate(data);
  const cache = join(data, 'code-cache');
  enableCompileCache(cache);
  const { runAgent } = await import('@vong/collector/agent');
  const options = await optionsOf(flags, await configOf(flags), data);
  become(options, cache);
  // Where a process cannot become another one (Windows), the agent runs here, with more memory.
  try {
    await runAgent(options);
  } catch (error) {
    const bad = error instanceof Error && 'code' in error && error.code === 'AGENT_BAD_OPTIONS';
    throw new CommandFailure(bad ? EXIT.usage : EXIT.failed, error instanceof Error ? error.message : String(error), { cause: error });
  }
  process.exit(EXIT.ok);
}

/**
 * Turns this process into one that has loaded only the agent, from compiled code, with a small young heap and one arena for
 * the C library's memory: a third of what it would take otherwise.
 * The process id stays, so a service manager keeps its hold. Returns only where this is not possible.
 */
function become(options: AgentOptions, cache: string): void {
  if (process.execve === undefined) return;
  flushCompileCache();
  const main = fileURLToPath(new URL('../collector/agent/main.ts', import.meta.url));
  const flags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=1'];
  const environment = { ...process.env, NODE_COMPILE_CACHE: cache, MALLOC_ARENA_MAX: '1', VONG_AGENT_OPTIONS: JSON.stringify(options) };
  try {
    process.execve(process.execPath, [process.execPath, ...flags, main], environment);
  } catch {
    // Not supported here: go on in this process.
  }
}

/** Where programs of this machine keep what they must not forget: the same wherever the agent is started from. */
function usualFolder(): string {
  const { XDG_STATE_HOME: state, ProgramData: shared } = process.env;
  if (process.platform === 'win32') return join(shared ?? homedir(), 'vong-agent');
  if (state !== undefined && state !== '') return join(state, 'vong-agent');
  return process.getuid?.() === 0 ? '/var/lib/vong-agent' : join(homedir(), '.local', 'state', 'vong-agent');
}

/** The agent itself says what is wrong with the folder, if anything is. */
function makePrivate(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    // See above.
  }
}

async function configOf(flags: AgentFlags): Promise<AgentConfig> {
  if (flags.config === undefined) return {};
  const { parseAgentConfig } = await import('@vong/collector/agent/config');
  try {
    return parseAgentConfig(readText(flags.config), flags.config);
  } catch (error) {
    throw new CommandFailure(EXIT.usage, error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function optionsOf(flags: AgentFlags, config: AgentConfig, data: string): Promise<AgentOptions> {
  const files = flags.file ?? config.files;
  const evtx = flags.evtx ?? config.evtx;
  const chosen = {
    ...(files === undefined ? {} : { files }),
    ...(evtx === undefined ? {} : { evtx }),
    journald: flags.journald ?? config.journald ?? false,
    stdin: flags.stdin ?? config.stdin ?? false,
  };
  const none = files === undefined && evtx === undefined && !chosen.journald && !chosen.stdin;
  const format = flags.format ?? config.format;
  const tls = { ...config.tls, ...pick(flags, 'ca', 'cert', 'key') };
  const host = flags.host ?? config.host;
  const spoolLimit = (await sizeOf(flags.spoolLimit)) ?? config.spoolLimit;
  return {
    server: required(flags.server ?? config.server, 'server'),
    token: tokenOf(flags, config),
    data,
    sources: { ...(none ? await usualSources() : chosen), ...(format === undefined ? {} : { format }) },
    ...(spoolLimit === undefined ? {} : { spoolLimit }),
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

async function usualSources(): Promise<SourceOptions> {
  const { defaultSources } = await import('@vong/collector/agent');
  const found = await defaultSources();
  if (found.journald === true || (found.files ?? []).length > 0) return found;
  throw new CommandFailure(
    EXIT.usage,
    'This machine has none of the usual logs. Say what to read with --file, --evtx, --journald or --stdin.',
  );
}

async function sizeOf(text: string | undefined): Promise<number | undefined> {
  if (text === undefined) return undefined;
  const { parseSize } = await import('@vong/collector/agent');
  const bytes = parseSize(text);
  if (bytes === undefined) throw new CommandFailure(EXIT.usage, `"${text}" is no size. Write for example 500MB or 2GB.`);
  return bytes;
}
