/** An agent in this process against a stub gateway, over files in a temporary folder. */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createLogger } from '@vong/platform/logger';
import { until } from '../../sources/test/collect.ts';
import { startAgent, type Agent, type AgentOptions } from '../index.ts';
import { startStubGateway, type StubGateway } from './stub-gateway.ts';

export const QUICK = {
  flushAfter: 20,
  retry: { first: 20, most: 100, refused: 60, report: 50 },
  fileTimings: { pace: 2, sweep: 20, scan: 40, finish: 150 },
} as const;

export class Bench {
  readonly folder: string;
  readonly gateway: StubGateway;
  readonly log: string;
  #agents: Agent[] = [];

  private constructor(folder: string, gateway: StubGateway) {
    this.folder = folder;
    this.gateway = gateway;
    this.log = join(folder, 'app.log');
  }

  static async open(): Promise<Bench> {
    return new Bench(await mkdtemp(join(tmpdir(), 'vong-agent-')), await startStubGateway());
  }

  options(more: Partial<AgentOptions> = {}): AgentOptions {
    return {
      server: this.gateway.url,
      token: 'test-token',
      data: join(this.folder, 'data'),
      sources: { files: [this.log], fileTimings: QUICK.fileTimings },
      flushAfter: QUICK.flushAfter,
      retry: QUICK.retry,
      minFree: 0,
      logger: createLogger('agent-test', 'silent'),
      ...more,
    };
  }

  start(more: Partial<AgentOptions> = {}): Agent {
    const agent = startAgent(this.options(more));
    this.#agents.push(agent);
    return agent;
  }

  get texts(): (string | undefined)[] {
    return this.gateway.records.map(({ raw }) => raw);
  }

  async stopAgents(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.stop()));
  }

  async close(): Promise<void> {
    await this.stopAgents();
    await this.gateway.down();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function numbered(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `line ${from + index}`);
}

export const asText = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** The gateway has these lines, in this order, and a moment later no other. */
export async function expectAll(bench: Bench, lines: readonly string[]): Promise<void> {
  await until(
    () => bench.gateway.records.length >= lines.length,
    () => bench.gateway.records.length,
  );
  await new Promise((resolve) => setTimeout(resolve, 80));
  expect(bench.texts).toEqual(lines);
}
