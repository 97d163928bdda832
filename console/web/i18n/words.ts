/**
 * Words of the interface. Every feature keeps its own catalogue (`vi` is the source of keys, `en` must have the same) and gets a
 * typed `useWords()` from it: unknown keys and missing values do not compile.
 */
import { createInstance } from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';

export type Language = 'vi' | 'en';
export const LANGUAGES: readonly Language[] = ['vi', 'en'];

type Catalogue = Readonly<Record<string, string>>;

/** Names of `{{name}}` and `{{name, format}}` in a text. */
type Placeholders<Text extends string> = Text extends `${string}{{${infer Inner}}}${infer Rest}`
  ? (Inner extends `${infer Name},${string}` ? Name : Inner) | Placeholders<Rest>
  : never;

type Values<Text extends string> = { [Name in Placeholders<Text>]: string | number };
type Rest<Text extends string> = [Placeholders<Text>] extends [never] ? [] : [values: Values<Text>];

/** `t(key, values?)` of one catalogue. Values are required exactly when the Vietnamese text has placeholders. */
export type Words<Vi extends Catalogue> = <Key extends keyof Vi & string>(key: Key, ...values: Rest<Vi[Key]>) => string;

/** The shape an English catalogue must have. Plural forms of a key are extra keys `<key>_one`; the plain key is the general form. */
export type Translation<Vi extends Catalogue> = { readonly [Key in keyof Vi]: string } & Catalogue;

export interface WordBook<Vi extends Catalogue> {
  readonly useWords: () => Words<Vi>;
  /** For code that is not a component. */
  readonly words: () => Words<Vi>;
}

const i18next = createInstance();
void i18next.use(initReactI18next).init({
  lng: 'vi',
  fallbackLng: 'vi',
  resources: {},
  keySeparator: false,
  nsSeparator: false,
  interpolation: { escapeValue: false },
  react: { bindI18nStore: 'added' },
});

export function wordBook<const Vi extends Catalogue>(name: string, catalogues: { vi: Vi; en: Translation<Vi> }): WordBook<Vi> {
  for (const language of LANGUAGES) i18next.addResourceBundle(language, name, catalogues[language]);
  return {
    // react-i18next cannot see these keys: the type of this book is the check.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as said above
    useWords: () => useTranslation(name).t as unknown as Words<Vi>,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as said above
    words: () => i18next.getFixedT(null, name) as unknown as Words<Vi>,
  };
}

export function setLanguage(language: Language): void {
  if (i18next.language !== language) void i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

export function useLanguage(): Language {
  return useTranslation().i18n.language === 'en' ? 'en' : 'vi';
}

export function currentLanguage(): Language {
  return i18next.language === 'en' ? 'en' : 'vi';
}
