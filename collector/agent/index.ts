export { DEFAULT_SPOOL_LIMIT, startAgent, type Agent, type AgentOptions, type AgentReport } from './agent.ts';
export { startLocalAgent, type LocalAgentOptions } from './local.ts';
export { AGENT_ERRORS } from './errors.ts';
export { defaultSources, type SourceOptions } from './sources.ts';
export type { Connection, ConnectionState } from './shipper.ts';
export type { TlsFiles } from './transport.ts';
export { parseSize } from './config/size.ts';
export type { AgentConfig } from './config/index.ts';
export { runAgent } from './run.ts';
