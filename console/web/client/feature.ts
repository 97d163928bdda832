/** What a feature hands to the app: its pages, its entry in the rail. `app/features.ts` lists the features; nothing else knows them. */
import type { ComponentType } from 'react';

/** `pages` of the frame, or `bare`: shown without the frame and without a session (signing in). */
export type RouteKind = 'framed' | 'bare';

export interface FeatureRoute {
  /** TanStack Router path: `/alerts/$id`. */
  readonly path: string;
  readonly kind?: RouteKind;
  /** Keeps what is valid of the URL's search parameters and drops the rest; never throws. */
  readonly search?: (raw: Record<string, unknown>) => object;
  /** Loaded when first opened: `() => import('./page.tsx').then((m) => m.QueuePage)`. */
  readonly page: () => Promise<ComponentType>;
}

export interface RailEntry {
  readonly path: string;
  readonly icon: ComponentType<{ size?: number; stroke?: number; 'aria-hidden'?: boolean }>;
  /** Reads the label in the current language (a hook: it is called while rendering). */
  readonly useLabel: () => string;
  /** Second key of `g …`. */
  readonly key: string;
  /** Number that waits for this person; 0 or undefined shows nothing. */
  readonly useBadge?: () => number | undefined;
  /** At the bottom of the rail. */
  readonly last?: boolean;
}

export interface Feature {
  readonly name: string;
  readonly rail?: RailEntry;
  readonly routes: readonly FeatureRoute[];
}
