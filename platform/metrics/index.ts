/**
 * Metrics in Prometheus' words. One registry per process; a worker thread keeps its own and hands snapshots to the main thread
 * (`registry.getMetricsAsJSON()` → `AggregatorRegistry.aggregate`).
 */
export { Counter, Gauge, Histogram, Registry, AggregatorRegistry } from 'prom-client';
export { registerProcessMetrics } from './process.ts';

/** Buckets, in seconds, shared by every stage of the way of an event, so that stages compare. */
export { STAGES, StageLatencies } from './stages.ts';
export type { Stage, StageDelta, StageSummary } from './stages.ts';

export const STAGE_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600];
