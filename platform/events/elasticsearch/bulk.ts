/**
 * Writes documents, each at most once: `create` with the event's id, in requests of bounded size, again and again while the cluster
 * is overloaded or away. What the cluster refuses for good is given back with its reason and stops nothing else.
 */
import type { Elastic } from './client.ts';
import { ElasticFailure } from './client.ts';
import type { Document } from './document.ts';
import { Patience } from './retry.ts';

/** A document and the index it goes to. */
export interface Placed {
  readonly document: Document;
  readonly index: string;
}

export interface Refused {
  readonly document: Document;
  readonly reason: string;
}

export interface BulkResult {
  readonly stored: Document[];
  readonly duplicates: Document[];
  readonly refused: Refused[];
  /** The index was closed to writing, or is gone: its place has to be found anew. */
  readonly displaced: Placed[];
}

interface Item {
  readonly status: number;
  readonly error?: { readonly type: string; readonly reason: string; readonly caused_by?: { readonly reason?: string } };
}

const REQUEST_BYTES = 6 * 1024 * 1024;
const REQUEST_DOCUMENTS = 2000;
const AT_ONCE = 2;
const PASSING: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);
const GONE: ReadonlySet<string> = new Set(['index_closed_exception', 'index_not_found_exception']);
/** The block that closes a full index (`catalog.ts`); any other is somebody else's, and may be taken away again. */
const FULL = 'index write (api)';

export async function writeAll(elastic: Elastic, placed: readonly Placed[], patienceMs: number): Promise<BulkResult> {
  const result: BulkResult = { stored: [], duplicates: [], refused: [], displaced: [] };
  const waiting = requestsOf(placed);
  const patience = new Patience(patienceMs);
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await writeOne(next, { elastic, patience, result, waiting });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return result;
}

function requestsOf(placed: readonly Placed[]): Placed[][] {
  const requests: Placed[][] = [];
  let bytes = Infinity;
  for (const each of placed) {
    const last = requests.at(-1);
    bytes += each.document.body.length;
    if (last === undefined || bytes > REQUEST_BYTES || last.length >= REQUEST_DOCUMENTS) {
      requests.push([each]);
      bytes = each.document.body.length;
    } else last.push(each);
  }
  return requests;
}

interface Writing {
  readonly elastic: Elastic;
  readonly patience: Patience;
  readonly result: BulkResult;
  readonly waiting: Placed[][];
}

async function writeOne(request: readonly Placed[], writing: Writing): Promise<void> {
  const { patience, result, waiting } = writing;
  for (let left = request; left.length > 0;) {
    let items: readonly Item[];
    try {
      items = await send(writing.elastic, left);
    } catch (error) {
      if (!(error instanceof ElasticFailure)) throw error;
      if (error.status === 413 && left.length > 1) {
        const half = Math.ceil(left.length / 2);
        waiting.push(left.slice(0, half), left.slice(half));
        return;
      }
      const [only] = left;
      if (error.status === 413 && only !== undefined) {
        result.refused.push({ document: only.document, reason: 'the document is larger than the server takes' });
        return;
      }
      if (!error.passing) throw error;
      await patience.wait(error.message);
      continue;
    }
    const again = sort(left, items, result);
    const [first] = again;
    if (first !== undefined) await patience.wait(first.reason);
    left = again.map(({ placed }) => placed);
  }
}

/** Puts each answered document where it belongs; answers those to be written again. */
function sort(
  request: readonly Placed[],
  items: readonly Item[],
  result: BulkResult,
): { readonly placed: Placed; readonly reason: string }[] {
  const again: { placed: Placed; reason: string }[] = [];
  for (const [at, placed] of request.entries()) {
    const { document } = placed;
    const item = items[at];
    const reason = item === undefined ? 'no answer' : reasonOf(item);
    if (item === undefined || PASSING.has(item.status)) again.push({ placed, reason });
    else if (item.error === undefined) result.stored.push(document);
    else if (item.status === 409) result.duplicates.push(document);
    else if (GONE.has(item.error.type) || reason.includes(FULL)) result.displaced.push(placed);
    else if (item.error.type === 'cluster_block_exception') again.push({ placed, reason });
    else result.refused.push({ document, reason });
  }
  return again;
}

function reasonOf({ status, error }: Item): string {
  const cause = error?.caused_by?.reason;
  return `${status} ${error?.type ?? ''}: ${error?.reason ?? ''}${cause === undefined ? '' : ` (${cause})`}`.slice(0, 1000);
}

async function send(elastic: Elastic, request: readonly Placed[]): Promise<readonly Item[]> {
  const lines = request.map(
    ({ document, index }) => `{"create":{"_index":${JSON.stringify(index)},"_id":${JSON.stringify(document.id)}}}\n${document.body}\n`,
  );
  const answer = await elastic.request<{ readonly items: readonly { readonly create: Item }[] }>({
    method: 'POST',
    path: '/_bulk',
    query: { filter_path: 'items.create.status,items.create.error' },
    lines: lines.join(''),
  });
  return answer.items.map(({ create }) => create);
}
