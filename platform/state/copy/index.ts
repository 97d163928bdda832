export { Checksum, type Row } from './checksum.ts';
export { compareTable, copyTables, type Compared, type Copied } from './copy.ts';
export { openStateFile, type StateFile, type TableShape } from './file.ts';
export { StateTables } from './tables.ts';
