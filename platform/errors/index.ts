/**
 * Errors of the product. Each package declares a catalogue: stable code → HTTP status and a plain sentence for the person who
 * caused it. `docs/reference/errors.md` lists every catalogue (a test holds it). Anything that is not a `VongError` is a bug.
 */
export interface ErrorEntry {
  /** HTTP status this error answers with when it reaches a listener. */
  readonly status: number;
  /** What is wrong and what to do, in English; `{name}` is replaced from `details`. */
  readonly message: string;
}

export type ErrorCatalogue<Code extends string> = Readonly<Record<Code, ErrorEntry>>;

export type ErrorDetails = Readonly<Record<string, unknown>>;

/** An expected failure with a stable code. `details` are shown to the person: never put a secret in them. */
export class VongError<Code extends string = string> extends Error {
  override readonly name: string = 'VongError';
  readonly code: Code;
  readonly status: number;
  readonly details: ErrorDetails;

  constructor(code: Code, entry: ErrorEntry, details: ErrorDetails = {}, cause?: unknown) {
    super(fill(entry.message, details), cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = entry.status;
    this.details = details;
  }
}

/** Returns the maker of one package's errors: `const logError = errorMaker(LOG_ERRORS); throw logError('LOG_LOCKED', { path })`. */
export function errorMaker<Code extends string>(
  catalogue: ErrorCatalogue<Code>,
): (code: Code, details?: ErrorDetails, cause?: unknown) => VongError<Code> {
  return (code, details, cause) => new VongError(code, catalogue[code], details, cause);
}

/** True for an error with this code, across realms and worker boundaries (where `instanceof` does not hold). */
export function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (whole, key: string) => (Object.hasOwn(details, key) ? String(details[key]) : whole));
}
