/** Largest things a reader may ask for. */
export const KQL_MAX_LENGTH = 4096;
export const KQL_MAX_DEPTH = 32;
export const KQL_MAX_TERMS = 200;
export const SEARCH_DEFAULT = 100;
export const SEARCH_MAX = 1000;
export const FIELD_NAME_MAX = 256;
export const DAY_MS = 86_400_000;
