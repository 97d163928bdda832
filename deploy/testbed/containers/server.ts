/**
 * Starts other people's servers in containers for tests, through testcontainers: what `spawnServer` is for those of this machine. A
 * port of a container is the same number outside, on 127.0.0.1 only; its data are its own and last until it is discarded.
 */
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { GenericContainer, Wait, getContainerRuntimeClient, type ContainerRuntimeClient } from 'testcontainers';
import { freeze } from './freeze.ts';
import { keptLabel } from './keeper.ts';
import type { ContainerOptions, ContainerServer } from './run.ts';

type Container = ReturnType<ContainerRuntimeClient['container']['getById']>;

interface Running {
  readonly container: Container;
  readonly pid: number;
}

const STOP_S = 10;
const OWN_MACHINE = '127.0.0.1';

export async function runContainer(options: ContainerOptions): Promise<ContainerServer> {
  const client = await getContainerRuntimeClient();
  let { container, pid } = await create(client, options);
  let [paused, gone] = [false, false];
  const thaw = (): void => {
    if (paused) freeze(container.id, 'unpause');
    paused = false;
  };
  const runs = async (): Promise<boolean> => !gone && (await container.inspect()).State.Running;
  const stop = async (): Promise<void> => {
    thaw();
    if (await runs()) await container.stop({ t: STOP_S });
  };
  return {
    get id() {
      return container.id;
    },
    get pid() {
      return pid;
    },
    stop,
    kill: async () => {
      thaw();
      if (!(await runs())) return;
      await container.kill();
      await container.wait();
    },
    pause: () => {
      if (!paused && !gone) freeze(container.id, 'pause');
      paused = !gone;
    },
    resume: thaw,
    restart: async () => {
      await stop();
      if (gone) ({ container, pid } = await create(client, options));
      else pid = await begin(container, options);
      gone = false;
    },
    discard: async () => {
      if (!gone) await container.remove({ force: true, v: true });
      [paused, gone] = [false, true];
    },
    run: async (command) => {
      const { exitCode, output } = await client.container.exec(container, [...command], { workingDir: '/tmp' });
      if (exitCode !== 0) throw new Error(`${command.join(' ')} ended with code ${exitCode}:\n${output}`);
    },
  };
}

/** Publishes to this machine only; testcontainers would to the world. */
class Published extends GenericContainer {
  /** Of the container, once there is one. */
  id: string | undefined;

  protected override containerCreated(id: string): Promise<void> {
    this.id = id;
    return Promise.resolve();
  }

  protected override beforeContainerCreated(): Promise<void> {
    for (const bindings of Object.values(this.hostConfig.PortBindings ?? {})) {
      for (const binding of Array.isArray(bindings) ? (bindings as { HostIp?: string }[]) : []) binding.HostIp = OWN_MACHINE;
    }
    return Promise.resolve();
  }
}

async function create(client: ContainerRuntimeClient, options: ContainerOptions): Promise<Running> {
  const { image, entrypoint, command, env = {}, files = [], ports, inside } = options;
  const made = new Published(image)
    .withLabels(keptLabel())
    .withCommand([...command])
    .withEnvironment({ ...env })
    .withCopyFilesToContainer(files.map((file) => ({ source: file, target: file, mode: 0o644 })))
    .withExposedPorts(...ports.map((port) => ({ container: port, host: port })))
    // Whether it is ready is asked as of every other server.
    .withWaitStrategy(Wait.forAll([]));
  if (entrypoint !== undefined) made.withEntrypoint([...entrypoint]);
  if (inside !== undefined) made.withNetworkMode(`container:${inside}`);
  const failed: unknown = await made.start().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (made.id === undefined) throw failed;
  const container = client.container.getById(made.id);
  try {
    // One that ended at once is told by its missing ports; why it ended is said below.
    if (failed !== undefined && (await container.inspect()).State.Running) throw failed;
    return { container, pid: await untilReady(container, options) };
  } catch (error) {
    await container.remove({ force: true, v: true });
    throw error;
  }
}

async function begin(container: Container, options: ContainerOptions): Promise<number> {
  await container.start();
  return await untilReady(container, options);
}

/** Resolves with the process id of the server. */
async function untilReady(container: Container, { name, ready, timeoutMs }: ContainerOptions): Promise<number> {
  const deadline = performance.now() + timeoutMs;
  let why = `was not ready within ${timeoutMs / 1000} s`;
  while (performance.now() < deadline) {
    const { Running: running, ExitCode: code, Pid: pid } = (await container.inspect()).State;
    if (running && (await ready().catch(() => false))) return pid;
    if (!running) why = `ended at once with code ${code}`;
    if (!running) break;
    await sleep(50);
  }
  throw new Error(`${name} ${why}:\n${await tail(container)}`);
}

async function tail(container: Container): Promise<string> {
  const client = await getContainerRuntimeClient();
  // Of a container that has ended the stream ends; of one that runs it would not.
  await container.kill().catch(() => undefined);
  const printed = await text(await client.container.logs(container, { stdout: true, stderr: true, follow: true, tail: 40 }));
  return printed.slice(-4000);
}
