/** Queries that no index helps with: every value must be looked at. Both stores refuse the same ones. */
import { GRAM, SCAN_EVENTS } from '../bounds.ts';
import { columnOf } from '../columns.ts';
import { eventsError } from '../errors.ts';
import { fold } from '../fold.ts';
import type { KqlNode, Literal } from './ast.ts';

/**
 * True when the values of every event must be looked at: a value that begins with `*`, a text of one or two characters; beside
 * a condition that can be looked up (`and`) it is no longer every event.
 */
function looksAtEverything(node: KqlNode): boolean {
  switch (node.kind) {
    case 'and':
      return !node.nodes.some(looksUp) && node.nodes.some(looksAtEverything);
    case 'or':
      return node.nodes.some(looksAtEverything);
    case 'not':
      return looksAtEverything(node.node);
    case 'match':
      return isScan(node.field, node.value);
    default:
      return false;
  }
}

/** True when the condition by itself leads to the events that it holds for. */
function looksUp(node: KqlNode): boolean {
  if (node.kind === 'and') return node.nodes.some(looksUp);
  if (node.kind === 'or') return node.nodes.every(looksUp);
  return node.kind === 'match' && !isScan(node.field, node.value);
}

function isScan(field: string | undefined, value: Literal): boolean {
  if (field === undefined || columnOf(field)?.type === 'text') {
    return value.words.every((word) => word.parts.every((part) => Array.from(fold(part)).length < GRAM));
  }
  const first = value.words[0]?.parts;
  return first !== undefined && first.length > 1 && first[0] === '';
}

/**
 * For a query without a time range.
 * @throws EVENTS_QUERY_TOO_EXPENSIVE when it has to look at every value of more than `limit` events
 */
export async function refuseExpensive(
  node: KqlNode,
  given: { readonly range?: unknown; readonly limit?: number | undefined; readonly events: () => Promise<number> },
): Promise<void> {
  const { range, limit = SCAN_EVENTS } = given;
  if (range !== undefined || !looksAtEverything(node)) return;
  const events = await given.events();
  if (events > limit) throw eventsError('EVENTS_QUERY_TOO_EXPENSIVE', { events, limit });
}
