export { createFileSource, type FileSourceOptions, type FileTimings } from './source.ts';
export { splitLines, type Line, type SplitOptions, type SplitResult } from './lines.ts';
export { toRecords, type Envelope } from './records.ts';
export { formatOfPath } from './format.ts';
export { expand } from './discover.ts';
export { LINE_LIMIT } from './tail.ts';
