export { createStdinSource, type StdinSourceOptions } from './source.ts';
