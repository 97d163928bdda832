/** The agent's configuration file: JSON, the names of the command line's options. */
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { RecordFormat } from '../../contracts.ts';
import { agentError } from '../errors.ts';
import { parseSize } from './size.ts';
import type { TlsFiles } from '../transport.ts';

const path = Type.String({ minLength: 1, maxLength: 4096 });
const paths = Type.Array(path, { minItems: 1, maxItems: 500 });
const Config = Type.Object(
  {
    server: Type.Optional(Type.String({ maxLength: 2048 })),
    token: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
    tokenFile: Type.Optional(path),
    data: Type.Optional(path),
    files: Type.Optional(paths),
    evtx: Type.Optional(paths),
    journald: Type.Optional(Type.Boolean()),
    stdin: Type.Optional(Type.Boolean()),
    format: Type.Optional(RecordFormat),
    spoolLimit: Type.Optional(Type.Union([Type.String(), Type.Integer({ minimum: 0 })])),
    host: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    tls: Type.Optional(
      Type.Object({ ca: Type.Optional(path), cert: Type.Optional(path), key: Type.Optional(path) }, { additionalProperties: false }),
    ),
  },
  { additionalProperties: false },
);
const compiled = Compile(Config);

export interface AgentConfig {
  readonly server?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly data?: string;
  readonly files?: string[];
  readonly evtx?: string[];
  readonly journald?: boolean;
  readonly stdin?: boolean;
  readonly format?: RecordFormat;
  /** Bytes. */
  readonly spoolLimit?: number;
  readonly host?: string;
  readonly tls?: TlsFiles;
}

/** Throws AGENT_BAD_OPTIONS that names the place when the text is not a configuration. */
export function parseAgentConfig(text: string, file: string): AgentConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw agentError('AGENT_BAD_OPTIONS', { reason: `${file} is not JSON: ${error instanceof Error ? error.message : ''}` }, error);
  }
  if (!compiled.Check(value)) {
    const first = compiled.Errors(value)[0];
    throw agentError('AGENT_BAD_OPTIONS', { reason: `${file}: ${first?.instancePath ?? ''} ${first?.message ?? 'is not valid'}` });
  }
  const { spoolLimit, ...rest } = value;
  if (spoolLimit === undefined) return rest;
  const bytes = parseSize(String(spoolLimit));
  if (bytes === undefined) throw agentError('AGENT_BAD_OPTIONS', { reason: `${file}: spoolLimit is not a size such as 500MB or 2GB` });
  return { ...rest, spoolLimit: bytes };
}
