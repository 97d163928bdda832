/** Real events: the shared recordings of attacks, made events by the product's own parsers as the gateway makes them. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parseRecord } from '../../../collector/parsers/index.ts';
import { DATA, filesUnder, present, sampleLines } from '../../../collector/parsers/test/recordings.ts';
import type { EcsEvent } from '../ecs.ts';
import { eventAt } from './corpus.ts';

export const recordingsPresent = present;

const PER_FILE = 330;
/** The few larger archives hold more of the same. */
const LARGEST_FILE = 1_300_000;
const RECEIVED = '2026-11-22T01:02:03.000Z';
const AGENCIES = ['bo-a', 'bo-b', 'tinh-c', 'tinh-đ'];
/** Said by some events, so that Vietnamese stands among the rest. */
const SAID = [
  'Phát hiện đăng nhập trái phép từ máy trạm',
  'phat hien dang nhap trai phep',
  'Tường lửa đã chặn kết nối tới địa chỉ lạ',
  'TỆP TIN ĐÃ BỊ XOÁ: C:\\Người dùng\\Đặng\\hồ sơ.docx',
  'ĐƯỜNG DẪN không hợp lệ; thử lại sau 5 phút',
];

/** Over 20,000 recorded events, and those of `corpus.ts` that hold what queries trip over. */
export function recordedEvents(): EcsEvent[] {
  const events: EcsEvent[] = Array.from({ length: 300 }, (_, n) => eventAt(n));
  for (const path of filesUnder(join(DATA, 'otrf'), /\.(zip|tar\.gz)$/i)) {
    if (statSync(path).size > LARGEST_FILE) continue;
    for (const raw of sampleLines(path, PER_FILE)) {
      const n = events.length;
      // Half of them were received as they happened, half long after.
      const outcome = parseRecord({ raw, format: 'auto', collected: RECEIVED });
      if (!('event' in outcome)) throw new Error(`${path}: ${outcome.error.reason}`);
      events.push(received(outcome.event, n));
    }
  }
  return events;
}

function received(parsed: ReturnType<typeof eventOf>, n: number): EcsEvent {
  const ingested = n % 2 === 0 ? RECEIVED : new Date(Date.parse(parsed['@timestamp']) + 2000).toISOString();
  return {
    ...parsed,
    ...(n % 40 === 0 ? { message: SAID[(n / 40) % SAID.length] ?? '' } : {}),
    event: { ...parsed.event, id: `r-${String((n * 7919) % 1_000_003).padStart(7, '0')}`, created: ingested, ingested },
    organization: { id: AGENCIES[n % AGENCIES.length] ?? '' },
    agent: { id: `agent-${n % 7}`, name: 'tác tử', type: 'vong' },
  };
}

function eventOf(outcome: Extract<ReturnType<typeof parseRecord>, { readonly event: object }>) {
  return outcome.event;
}
