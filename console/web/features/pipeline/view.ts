/** What the URL of the pipeline page says. Pure. */
import { defined, oneOf } from '../../client/search-params.ts';

export const PERCENTILES = ['p50', 'p95', 'p99'] as const;

export interface PipelineView {
  readonly agency?: string;
  /** Which percentile the agencies are compared by; absent: p95. */
  readonly by?: (typeof PERCENTILES)[number];
}

export function pipelineSearch(raw: Record<string, unknown>): PipelineView {
  return defined({ by: oneOf(raw['by'], PERCENTILES) });
}
