/** Which sources an agent has: as asked for, or what this machine offers. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { createEvtxFileSource } from '../sources/evtx-file/index.ts';
import { createFileSource, type FileTimings } from '../sources/file/index.ts';
import { createJournaldSource, journaldRuns } from '../sources/journald/index.ts';
import { createStdinSource } from '../sources/stdin/index.ts';
import type { Readable } from 'node:stream';
import type { RecordFormat } from '../contracts.ts';
import type { Source, SourceContext } from '../sources/contract.ts';
import { agentError } from './errors.ts';

/** What to read; at least one. Patterns may use `*`, `**`, `?`, `[…]`, `{a,b}`. */
export interface SourceOptions {
  readonly files?: readonly string[];
  /** EVTX files or patterns. */
  readonly evtx?: readonly string[];
  readonly journald?: boolean;
  readonly stdin?: boolean;
  /** How files and standard input are to be read; by default told from the path and the content. */
  readonly format?: RecordFormat;
  /** For tests. */
  readonly fileTimings?: Partial<FileTimings>;
  readonly journaldCommand?: string;
  readonly input?: Readable;
}

export function createSources(options: SourceOptions, context: SourceContext): Source[] {
  const { files = [], evtx = [], format } = options;
  const hint = format === undefined ? {} : { format };
  const sources: Source[] = [];
  if (files.length > 0) {
    const timings = options.fileTimings === undefined ? {} : { timings: options.fileTimings };
    sources.push(createFileSource({ patterns: files, ...hint, ...timings }, context));
  }
  if (evtx.length > 0) sources.push(createEvtxFileSource({ patterns: evtx }, context));
  if (options.journald === true) {
    sources.push(createJournaldSource(options.journaldCommand === undefined ? {} : { command: options.journaldCommand }, context));
  }
  if (options.stdin === true) sources.push(createStdinSource({ ...hint, input: options.input ?? process.stdin }, context));
  if (sources.length === 0) throw agentError('AGENT_BAD_OPTIONS', { reason: 'there is no source to read from' });
  return sources;
}

/** Logs that servers usually have; the first of a pair that is there and readable is followed. */
const USUAL_FILES: readonly string[] = [
  '/var/log/auth.log',
  '/var/log/secure',
  '/var/log/syslog',
  '/var/log/messages',
  '/var/log/audit/audit.log',
  '/var/log/nginx/access.log',
  '/var/log/apache2/access.log',
  '/var/log/httpd/access_log',
];

/** What this machine offers: journald when it runs, and the usual log files that are there and readable. May be empty. */
export async function defaultSources(): Promise<SourceOptions> {
  const readable = await Promise.all(
    USUAL_FILES.map((path) =>
      access(path, constants.R_OK).then(
        () => path,
        () => undefined,
      ),
    ),
  );
  return { files: readable.filter((path) => path !== undefined), journald: await journaldRuns() };
}
