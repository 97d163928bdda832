/** Runs processing items on a draft, in order. */
import { SigmaError } from '../errors.ts';
import type { Draft } from './draft.ts';
import type { ProcessingItem } from './model.ts';

/** Applies every item whose rule conditions hold. What an item throws says which item it was. */
export function applyItems(items: readonly ProcessingItem[], draft: Draft): void {
  for (const item of items) {
    try {
      if (!item.matchesRule(draft)) continue;
      if (item.id !== undefined) draft.applied.add(item.id);
      item.transform(draft, item);
    } catch (error) {
      throw error instanceof SigmaError ? located(error, item) : error;
    }
  }
}

function located(error: SigmaError, item: ProcessingItem): SigmaError {
  if (error.details['processing'] !== undefined) return error;
  const where = `${item.id ?? item.type} of ${item.file}:${item.place.line}`;
  const reason =
    error.code === 'SIGMA_TRANSFORMATION' ? `${String(error.details['item'])}: ${String(error.details['reason'])}` : error.message;
  return new SigmaError('SIGMA_TRANSFORMATION', { item: where, reason, processing: where }, error.place);
}
