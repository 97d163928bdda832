/** The product as a cluster: a process for each role over real servers, seen by tests as one server. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startServers, type Servers, type ServersOptions } from './cluster.ts';
import { discard, startRoles, type RoleProcess } from './roles.ts';
import { request, type TestServer } from './vong.ts';
import { refusingProxy, type RefusingProxy } from './refusing-proxy.ts';

export interface ClusterOptions extends ServersOptions {
  /** Processes of each role; default one, detectors two. */
  readonly processes?: Readonly<Record<string, number>>;
  readonly env?: Readonly<Record<string, string>>;
}

const ROLES = ['gateway', 'detector', 'alerter', 'indexer', 'jobs'] as const;
type RoleName = (typeof ROLES)[number] | 'console';

export class TestCluster {
  readonly servers: Servers;
  /** Between the indexers and Elasticsearch. */
  readonly proxy: RefusingProxy;
  readonly #env: Readonly<Record<string, string>>;
  readonly #processes = new Map<RoleName, RoleProcess[]>();

  private constructor(servers: Servers, proxy: RefusingProxy, env: Readonly<Record<string, string>>) {
    this.servers = servers;
    this.proxy = proxy;
    this.#env = { ...servers.env, ...env };
  }

  static async start(options: ClusterOptions = {}): Promise<TestCluster> {
    const servers = await startServers(options);
    const cluster = new TestCluster(servers, await refusingProxy(servers.elasticsearch.url), options.env ?? {});
    try {
      // The first makes tables, topics and templates.
      await cluster.add('console');
      await Promise.all(
        ROLES.flatMap((role) =>
          Array.from({ length: options.processes?.[role] ?? (role === 'detector' ? 2 : 1) }, async () => await cluster.add(role)),
        ),
      );
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** One more process of the role. */
  async add(role: RoleName): Promise<RoleProcess> {
    const env = role === 'indexer' ? { ...this.#env, VONG_ELASTICSEARCH: this.proxy.url } : this.#env;
    const made = await startRoles({ roles: role, env });
    this.#processes.set(role, [...this.of(role), made]);
    return made;
  }

  of(role: RoleName): readonly RoleProcess[] {
    return this.#processes.get(role) ?? [];
  }

  /** SIGTERM to the last process of the role, for good. */
  async remove(role: RoleName): Promise<void> {
    const [last] = this.of(role).slice(-1);
    this.#processes.set(role, this.of(role).slice(0, -1));
    if (last === undefined) return;
    await last.stop();
    await discard(last);
  }

  /** Ends the first process of the role and starts it again; resolves once it is ready. Rejects when it did not drain in time. */
  async restart(role: RoleName, how: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const [first, ...others] = this.of(role);
    if (first === undefined) throw new Error(`no process is a ${role}`);
    const code = how === 'SIGKILL' ? (await first.kill(), 0) : await first.stop();
    this.#processes.set(role, [...others, await first.again()]);
    if (code !== 0) throw new Error(`a ${role} ended with ${code}\n${first.output().slice(-4000)}`);
  }

  /** The console as a server that tests call; its token changes with every start. */
  get server(): TestServer {
    const [console] = this.of('console');
    if (console === undefined) throw new Error('no process is a console');
    const { token } = JSON.parse(readFileSync(join(console.data, 'operator.json'), 'utf8')) as { token: string };
    const { url, pid } = console;
    return {
      url,
      token,
      pid,
      startMs: 0,
      call: async <T>(path: string, call: { method?: string; body?: unknown } = {}) => (await request({ url, token, path, ...call })) as T,
      stop: async () => await console.stop(),
      kill: async () => await console.kill(),
      output: () => this.output(),
    };
  }

  /** Where agents send to. */
  get frontDoor(): string {
    const [gateway] = this.of('gateway');
    if (gateway === undefined) throw new Error('no process is a gateway');
    return gateway.url;
  }

  /** What all processes printed last. */
  output(): string {
    return [...this.#processes.values()]
      .flat()
      .map((each) => `--- ${each.roles}\n${each.output().slice(-1500)}`)
      .join('\n');
  }

  async stop(): Promise<void> {
    for (const process of [...this.#processes.values()].flat()) await discard(process);
    await this.proxy.close();
    await this.servers.stop();
  }
}
