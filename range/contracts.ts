/** What crosses the range's borders: recordings and their replay through the front door. */
import { Type, type Static } from 'typebox';

/** A recording that can be replayed (`GET /api/recordings`). */
export interface RecordingView {
  id: string;
  name: string;
  kind: 'ndjson' | 'evtx' | 'json' | 'archive';
  bytes: number;
  /** `upload`: put there by a person; `library`: found in the recordings folder. */
  origin: 'upload' | 'library';
  uploadedAt?: number;
}

/** `POST /api/replays` */
export const ReplayCreate = Type.Object({
  recording: Type.String({ minLength: 1, maxLength: 512 }),
  agency: Type.String({ minLength: 1, maxLength: 64 }),
  /** 1 = as recorded, 1000 = a thousand times faster, 0 = as fast as the gateway takes it. */
  speed: Type.Number({ minimum: 0, maximum: 1000 }),
  /** Move time stamps so that the recording's first event happens now (default true). */
  shiftTime: Type.Optional(Type.Boolean()),
});
export type ReplayCreate = Static<typeof ReplayCreate>;

/** `GET /api/replays`, and the body of a `replay` change. */
export interface ReplayView {
  id: string;
  recording: string;
  agency: string;
  speed: number;
  state: 'running' | 'done' | 'cancelled' | 'failed';
  total: number;
  sent: number;
  startedAt: number;
  endedAt?: number;
  startedBy: string;
  error?: string;
}
