/** Which rules the correlations need: few, so that what evaluates correlations need not read the whole rulebook. */
import { sql, type Kysely } from 'kysely';
import { parsedOf, type RuleText } from '../detector/index.ts';
import type { RuleTables } from './schema.ts';

const CHUNK = 500;

type Nullable = Omit<RuleText, 'parsed'> & { readonly parsed: string | null };
const textOf = ({ parsed, ...text }: Nullable): RuleText => (parsed === null ? text : { ...text, parsed });

/** The enabled correlations with every enabled rule they name, by id or name, or that stands in the same file. */
export async function correlatedTexts(db: Kysely<RuleTables>): Promise<RuleText[]> {
  const enabled = db
    .selectFrom('rules')
    .select(['id', 'origin as file', 'version', 'yaml', 'parsed'])
    .where('enabled', '=', 1)
    .where('fault', 'is', null);
  // A row holds the text of its whole file, so this finds the rules of the same files, too.
  const near = await enabled
    .where(sql<boolean>`yaml like '%correlation:%'`)
    .orderBy('id')
    .execute();
  const named = new Set(near.flatMap((text) => parsedOf(textOf(text)).correlations.flatMap(({ rules }) => rules.map(({ rule }) => rule))));
  const found = new Map(near.map((text) => [text.id, text]));
  const names = [...named];
  for (let from = 0; from < names.length; from += CHUNK) {
    const some = names.slice(from, from + CHUNK);
    for (const text of await enabled.where('id', 'in', some).execute()) found.set(text.id, text);
  }
  const missing = names.filter((name) => !found.has(name) && !near.some(({ yaml }) => yaml.includes(name)));
  if (missing.length > 0)
    for (const text of await enabled.where(sql<boolean>`yaml like '%name:%'`).execute())
      if (missing.some((name) => text.yaml.includes(name))) found.set(text.id, text);
  return [...found.values()].map(textOf).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
