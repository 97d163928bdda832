/** An analyst's browser as far as time is concerned: signs in, follows the live push, notes when each new alert arrives. */
import { io, type Socket } from 'socket.io-client';
import type { AlertSummary } from '@vong/engine/contracts';
import type { Change } from '@vong/platform/live';

export interface Watcher {
  /** Milliseconds from the moment the gateway received the alert's first event to its arrival here. */
  readonly delays: number[];
  close(): void;
}

/** `setup` is the token of the one-time link of a fresh server. */
export async function watchAlerts(url: string, setup: string): Promise<Watcher> {
  const body = JSON.stringify({
    token: setup,
    name: 'watcher',
    displayName: 'Watcher',
    password: 'a long phrase for one measurement 2026',
  });
  const headers = { 'content-type': 'application/json', 'x-vong': '1' };
  const response = await fetch(`${url}/api/setup`, { method: 'POST', headers, body });
  if (!response.ok) throw new Error(`set-up refused: ${response.status} ${await response.text()}`);
  const cookie = response.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
  const socket: Socket = io(url, { path: '/live', extraHeaders: { cookie, origin: url }, transports: ['websocket'] });
  const delays: number[] = [];
  const known = new Set<string>();
  socket.on('changes', (changes: Change[], acknowledge?: () => void) => {
    const now = Date.now();
    const shown: string[] = [];
    for (const change of changes) {
      if (change.kind !== 'alert') continue;
      const alert = change.body as AlertSummary;
      if (!known.has(alert.id)) {
        known.add(alert.id);
        delays.push(now - alert.times.received);
        shown.push(alert.id);
      }
    }
    acknowledge?.();
    if (shown.length > 0) socket.emit('shown', { ids: shown, at: now });
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  socket.emit('follow', { cursor: null });
  return { delays, close: () => socket.close() };
}

export function percentiles(values: readonly number[]): { p50: number; p95: number; p99: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
