import { wordBook } from '../../i18n/words.ts';
import { en } from './en.ts';
import { vi } from './vi.ts';

export const { useWords, words } = wordBook('ui', { vi, en });
