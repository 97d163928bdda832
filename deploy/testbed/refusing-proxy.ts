/** Stands before an HTTP server and, while told to, answers 429 instead of it. */
import { createServer, request } from 'node:http';
import { once } from 'node:events';

export interface RefusingProxy {
  readonly url: string;
  /** How many requests were refused so far. */
  readonly refused: number;
  refuse(share: number): void;
  close(): Promise<void>;
}

/** `share` of the bulk requests is refused: 0 none, 1 all. */
export async function refusingProxy(target: string): Promise<RefusingProxy> {
  let share = 0;
  let refused = 0;
  const server = createServer((incoming, outgoing) => {
    if ((incoming.url ?? '').includes('_bulk') && Math.random() < share) {
      refused++;
      incoming.resume();
      outgoing.writeHead(429, { 'content-type': 'application/json' });
      outgoing.end('{"error":{"type":"es_rejected_execution_exception","reason":"queue full"},"status":429}');
      return;
    }
    const onward = request(new URL(incoming.url ?? '/', target), { method: incoming.method, headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    get refused() {
      return refused;
    },
    refuse: (wanted) => void (share = wanted),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
