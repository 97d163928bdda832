/** An agent as a process of its own, for tests that kill it: `node agent-process.ts '<JSON of options>'`. */
import { createLogger } from '@vong/platform/logger';
import { startAgent, type AgentOptions } from '../index.ts';

// The options come from the test that starts this process.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
const options = JSON.parse(process.argv[2] ?? '{}') as AgentOptions;
const agent = startAgent({ ...options, logger: createLogger('agent', 'silent') });
process.once('SIGTERM', () => void agent.stop());
