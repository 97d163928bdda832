const DEPTH = 8;

/** The innermost message of a failure, on one line: `connect ECONNREFUSED 127.0.0.1:9092` rather than `Connection failed`. */
export function messageOf(error: unknown): string {
  const message = messages(error, 0).at(-1) ?? String(error);
  return message.replaceAll(/\s+/g, ' ').slice(0, 300);
}

function messages(error: unknown, depth: number): string[] {
  if (depth > DEPTH || !(error instanceof Error)) return [];
  const inner: unknown[] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  const own = error.message === '' ? [] : [error.message];
  return [...own, ...[...inner, error.cause].flatMap((each) => messages(each, depth + 1))];
}

/** What took too long. */
export class Late extends Error {
  constructor(limitMs: number, to = '') {
    super(`no answer ${to === '' ? '' : `${to} `}within ${limitMs / 1000} s`);
  }
}

/** Rejects with `Late` when the work takes longer. */
export async function within<Value>(limitMs: number, work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Late(limitMs)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
