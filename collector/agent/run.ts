/** An agent for the life of a process. */
import { startAgent, type AgentOptions } from './agent.ts';

/** Runs until a signal (SIGINT, SIGTERM) or until every source has ended and all is delivered; then stops in order. */
export async function runAgent(options: AgentOptions): Promise<void> {
  const agent = startAgent(options);
  const signalled = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await Promise.race([signalled, agent.finished]);
  await agent.stop();
}
