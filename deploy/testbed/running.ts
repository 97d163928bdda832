/** What a test can do to a server that runs for it, whether as a process of this machine or in a container. */

/** A server that runs for tests, in whichever way. */
export interface RunningServer {
  /** Of the server itself on the machine that runs it; another after a restart. */
  readonly pid: number;
  /** SIGTERM, and SIGKILL when it has not ended within 10 s. Nothing when it has ended. Its data stay. */
  stop(): Promise<void>;
  /** SIGKILL to it and the processes it started; resolves when it has ended. Its data stay. */
  kill(): Promise<void>;
  /** Stops it and the processes it started where they are; no longer running when this returns. */
  pause(): void;
  resume(): void;
  /** Stops it unless it has ended, starts it with the same command on the same port and data, waits until it is ready. */
  restart(): Promise<void>;
}

/** One whose data can be thrown away. */
export interface DiscardableServer extends RunningServer {
  /** SIGKILL, and its data are lost; `restart` brings it back empty. */
  discard(): Promise<void>;
}
