/**
 * A server in a container. testcontainers is loaded here and when the first one is started: who runs servers natively does without, and
 * an installed product, which has it not, can still measure itself on servers of its machine.
 */
import type { DiscardableServer } from '../running.ts';

export interface ContainerOptions {
  /** For messages. */
  readonly name: string;
  readonly image: string;
  /** Default: the image's own. */
  readonly entrypoint?: readonly string[];
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Files of this machine it finds at the same path, readable by everyone. */
  readonly files?: readonly string[];
  readonly ports: readonly number[];
  /** Id of another whose network it is in: what either listens on is of both, and `ports` are the other's to publish. */
  readonly inside?: string;
  /** Asked again and again until true; one that throws is asked again. */
  readonly ready: () => Promise<boolean>;
  /** For one start, the image being there. */
  readonly timeoutMs: number;
}

export interface ContainerServer extends DiscardableServer {
  readonly id: string;
  /** Runs a command in it; rejects with what a failing one printed. */
  run(command: readonly string[]): Promise<void>;
}

export async function runContainer(options: ContainerOptions): Promise<ContainerServer> {
  return await (await import('./server.ts')).runContainer(options);
}
