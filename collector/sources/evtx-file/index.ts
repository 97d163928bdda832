export { createEvtxFileSource, type EvtxFileSourceOptions } from './source.ts';
