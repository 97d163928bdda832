/** A Docker of our own for tests: its socket, images and network beside nobody else's, gone when it is stopped. */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installed, spawnServer } from './native.ts';

const START_MS = 60_000;
const run = promisify(execFile);

export interface TestDocker {
  /** The client, to be run with `env`. */
  readonly client: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs the client; its standard output, trimmed. Throws with what it said. */
  docker(...args: readonly string[]): Promise<string>;
  /** Ends every container and removes everything. */
  stop(): Promise<void>;
}

/** Nothing can be pulled and containers reach nothing outside; ports can be published on 127.0.0.1. */
export async function startDocker(): Promise<TestDocker> {
  const found = await installed('docker');
  if (!found.ok) throw new Error(`docker cannot be had: ${found.why}`);
  const bin = join(found.home, 'bin');
  const home = await mkdtemp(join(tmpdir(), 'vong-docker-'));
  const host = `unix://${join(home, 'docker.sock')}`;
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, DOCKER_HOST: host };
  const network = bridge();
  const daemon = await spawnServer({
    name: 'dockerd',
    command: join(bin, 'dockerd'),
    args: [
      ['--host', host, '--data-root', join(home, 'data'), '--exec-root', join(home, 'exec'), '--pidfile', join(home, 'docker.pid')],
      ['--iptables=false', '--ip-masq=false', '--userland-proxy=true', '--bridge', network, '--storage-driver=overlay2'],
    ].flat(),
    env: { PATH: env.PATH },
    log: join(home, 'dockerd.log'),
    ready: async () => (await run(join(bin, 'docker'), ['info'], { env })).stdout.includes('Server Version'),
    timeoutMs: START_MS,
  });
  const docker = async (...args: readonly string[]): Promise<string> => (await run(join(bin, 'docker'), args, { env })).stdout.trim();
  return {
    client: join(bin, 'docker'),
    env,
    docker,
    async stop() {
      const containers = (await docker('ps', '--quiet', '--all')).split('\n').filter((id) => id !== '');
      if (containers.length > 0) await docker('rm', '--force', ...containers);
      await daemon.stop();
      execFileSync('ip', ['link', 'delete', network]);
      // A container in the machine's own network leaves this mounted; without one it is not there.
      spawnSync('umount', [join(home, 'exec/netns/default')], { stdio: 'ignore' });
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A bridge with a name and a network of 256 addresses that no other test uses. */
function bridge(): string {
  for (let attempt = 0; ; attempt++) {
    const number = Math.floor(Math.random() * 256);
    const name = `vong${number}`;
    try {
      execFileSync('ip', ['link', 'add', name, 'type', 'bridge'], { stdio: 'pipe' });
    } catch (error) {
      if (attempt < 20) continue;
      throw error;
    }
    execFileSync('ip', ['address', 'add', `10.213.${number}.1/24`, 'dev', name]);
    execFileSync('ip', ['link', 'set', name, 'up']);
    return name;
  }
}
