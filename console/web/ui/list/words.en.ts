import type { Translation } from '../../i18n/words.ts';
import type { vi } from './words.vi.ts';

export const en: Translation<typeof vi> = {
  'key.down': 'Next row',
  'key.up': 'Previous row',
  'key.open': 'Open the row',
  'key.leave': 'Close the detail pane',
  'key.select': 'Select the row',
  'key.search': 'Search the list',
  leave: 'Close the detail pane',
  selected: '{{count, number}} selected',
  clear: 'Clear the selection',
};
