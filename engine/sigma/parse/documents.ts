/** A file of several documents: rules, correlations and filters, each read by its own reader; **one bad document never stops the others**. */
import type { SigmaCorrelation } from '../correlation/model.ts';
import { parseCorrelation } from '../correlation/parse.ts';
import { SigmaError } from '../errors.ts';
import type { SigmaFilter } from '../filters/model.ts';
import { parseFilter } from '../filters/parse.ts';
import type { RuleFailure, SigmaRule } from '../model.ts';
import { parseRule, toFailure } from './rule.ts';
import { readYaml, type YamlDocument } from './yaml.ts';

/** What a Sigma file holds, each kind in the order of the file. */
export interface SigmaDocuments {
  readonly rules: SigmaRule[];
  readonly correlations: SigmaCorrelation[];
  readonly filters: SigmaFilter[];
  readonly failures: RuleFailure[];
}

/** Reads every document of a YAML text. `file` is used in messages, and as the id of what has neither `id` nor `name`. */
export function parseSigma(text: string, file: string): SigmaDocuments {
  const found: SigmaDocuments = { rules: [], correlations: [], filters: [], failures: [] };
  const documents = readYaml(text);
  documents.forEach((document, index) => {
    try {
      const fallback = documents.length === 1 ? file : `${file}#${index + 1}`;
      if (has(document, 'correlation')) found.correlations.push(parseCorrelation(document, file, fallback));
      else if (has(document, 'filter')) found.filters.push(parseFilter(document, file, fallback));
      else found.rules.push(parseRule(document, file));
    } catch (error) {
      found.failures.push(toFailure(error, file, document.place));
    }
  });
  if (documents.length === 0) found.failures.push({ file, line: 1, column: 1, code: 'SIGMA_DOCUMENT', reason: 'The file is empty.' });
  return found;
}

function has({ root }: YamlDocument, key: string): boolean {
  return !(root instanceof SigmaError) && root.kind === 'map' && root.entries.some((entry) => entry.key === key);
}
