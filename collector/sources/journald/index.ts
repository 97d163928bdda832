export { createJournaldSource, journaldRuns, type JournaldSourceOptions } from './source.ts';
