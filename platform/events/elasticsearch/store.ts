/** What the parts of the store share. */
import type { Clock } from '../../clock/index.ts';
import { Catalog } from './catalog.ts';
import { Classes } from './classes.ts';
import type { Elastic } from './client.ts';
import { Offsets } from './offsets.ts';
import type { Settings } from './options.ts';

/** An event that Elasticsearch would not take; the whole of it is in the index `<prefix>-rejected`. */
export interface RejectedEvent {
  readonly id: string;
  readonly agency: string;
  /** In Elasticsearch's words. */
  readonly reason: string;
  /** The event itself, JSON. */
  readonly event: string;
}

export type Note = (level: 'info' | 'warn' | 'error', message: string, details: Readonly<Record<string, unknown>>) => void;

export interface Surroundings {
  readonly clock: Clock;
  readonly note: Note;
  /** Awaited before the offsets move on. */
  readonly onRejected: (events: readonly RejectedEvent[]) => Promise<void> | void;
}

export interface Store extends Surroundings {
  readonly elastic: Elastic;
  readonly settings: Settings;
  readonly catalog: Catalog;
  readonly classes: Classes;
  readonly offsets: Offsets;
}

export function storeOf(elastic: Elastic, settings: Settings, around: Surroundings): Store {
  return {
    ...around,
    elastic,
    settings,
    catalog: new Catalog(elastic, settings),
    classes: new Classes(elastic, settings),
    offsets: new Offsets(elastic, settings),
  };
}
