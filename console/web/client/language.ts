/** The language of this machine: for the pages before signing in, and what a new person starts with. */
import { setLanguage, type Language } from '../i18n/words.ts';

const KEY = 'vong.language';

/** The language chosen on this machine last; Vietnamese at first. */
export function rememberedLanguage(): Language {
  return localStorage.getItem(KEY) === 'en' ? 'en' : 'vi';
}

/** Shows it at once and remembers it on this machine. */
export function chooseLanguage(language: Language): void {
  localStorage.setItem(KEY, language);
  setLanguage(language);
}
