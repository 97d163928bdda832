/**
 * The agent as a process of its own, with nothing else loaded. `./vong agent` becomes this process once it has read its arguments;
 * they come as JSON in VONG_AGENT_OPTIONS, which, unlike arguments, other users of the machine cannot see.
 */
import type { AgentOptions } from './agent.ts';
import { runAgent } from './run.ts';

const text = process.env['VONG_AGENT_OPTIONS'] ?? '{}';
delete process.env['VONG_AGENT_OPTIONS'];
try {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the command line, which checked it
  await runAgent(JSON.parse(text) as AgentOptions);
  process.exit(0);
} catch (error) {
  const known = error instanceof Error && 'code' in error && 'status' in error;
  process.stderr.write(`vong: ${known ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(known && error.code === 'AGENT_BAD_OPTIONS' ? 2 : 1);
}
