/**
 * The container's own health check, in an image without a shell: `node deploy/images/health.ts [/healthz | /readyz]` asks the server
 * of this container. Exit code 0 when it answers 2xx, 1 otherwise, with the answer (the reasons of /readyz) on stderr.
 */
const TIMEOUT_MS = 4000;

/** Address of the server that listens at `listen` (as VONG_LISTEN), seen from the same machine. */
export function localUrl(listen: string, path: string): string {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(listen) ?? [];
  const all = host === '0.0.0.0' || host === '[::]' || host === '*';
  return `http://${all ? '127.0.0.1' : host}:${port}${path}`;
}

if (import.meta.main) {
  try {
    const url = localUrl(process.env['VONG_LISTEN'] ?? '127.0.0.1:8080', process.argv[2] ?? '/healthz');
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`${response.status} ${(await response.text()).slice(0, 2000)}`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
