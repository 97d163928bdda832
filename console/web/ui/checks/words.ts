import { wordBook } from '../../i18n/words.ts';
import { en } from './words.en.ts';
import { vi } from './words.vi.ts';

export const { useWords } = wordBook('rule-checks', { vi, en });
