export type * from './contract.ts';
export { createLive, type LiveLimits, type LiveOptions } from './live.ts';
export { liveModule } from './schema.ts';
export { createSignals, signalsModule, type Signals, type SignalsOptions } from './signals.ts';
