/** Exit codes of every command; `./vong help` lists them. */
export const EXIT = { ok: 0, failed: 1, usage: 2, refused: 3, unreachable: 4 } as const;

export const EXIT_HELP = `
Exit codes:
  0  done
  1  the work failed (the message says why)
  2  bad arguments or input
  3  the server refused (not allowed, not found, changed meanwhile)
  4  no server reachable
`;

/** An expected failure of a command: its message is shown without a stack trace. */
export class CommandFailure extends Error {
  readonly exitCode: number;
  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
