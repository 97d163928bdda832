/** Documents against each other: ids, names and titles that stand twice, and references that lead nowhere. */
import { type LintDocument, mapAt, textAt, textsOf, valueOf } from './document.ts';

const UNIQUE = [
  ['id', 'duplicate-id'],
  ['name', 'duplicate-name'],
  ['title', 'duplicate-title'],
] as const;

/** `fileOf` gives the name of a document's file. */
export function checkAcross(documents: readonly LintDocument[], fileOf: (document: LintDocument) => string): void {
  for (const [key, code] of UNIQUE) {
    const first = new Map<string, string>();
    for (const document of documents) {
      const found = textAt(document.root, key);
      if (found === undefined || found.text === '') continue;
      const text = found.text.trim().toLowerCase();
      const where = first.get(text);
      if (where === undefined) first.set(text, `${fileOf(document)}:${found.place.line}`);
      else document.report(code, found.place, `The ${key} "${found.text}" stands at ${where} already.`);
    }
  }
  checkReferences(documents);
}

function checkReferences(documents: readonly LintDocument[]): void {
  const known = new Set(documents.flatMap(({ root }) => ['id', 'name'].flatMap((key) => textAt(root, key)?.text ?? [])));
  for (const document of documents) {
    if (document.kind === 'rule') continue;
    const section = mapAt(document.root, document.kind);
    const rules = section === undefined ? undefined : valueOf(section, 'rules');
    for (const { text, place } of textsOf(rules)) {
      if (known.has(text) || document.context.knownRules?.has(text) === true || (document.kind === 'filter' && text === 'any')) continue;
      document.report('unknown-rule', place, `No rule has the id or name "${text}".`);
    }
  }
}
