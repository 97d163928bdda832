import type { Translation } from '../../i18n/words.ts';
import type { vi } from './words.vi.ts';

export const en: Translation<typeof vi> = {
  title: 'Alerts',
};
