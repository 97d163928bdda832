/** Largest things a reader may ask for. */
export const KQL_MAX_LENGTH = 4096;
export const KQL_MAX_DEPTH = 32;
export const KQL_MAX_TERMS = 200;
export const SEARCH_DEFAULT = 100;
export const SEARCH_MAX = 1000;
export const FIELD_NAME_MAX = 256;
export const DAY_MS = 86_400_000;
/** Events that a search which has to look at every value may meet where it gives no time range. */
export const SCAN_EVENTS = 50_000_000;
/** Shortest part of a text that an index of its parts can find. */
export const GRAM = 3;
