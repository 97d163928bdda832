/** A rule's file as it was parsed when it was stored. */
import { decodeParsed, parseSigma, type SigmaDocuments } from 'sigma-rules-ts';
import type { RuleText } from './messages.ts';

/** From the parsed form, where there is one that is whole and of this version; else from the YAML. The documents may lack their `source`. */
export function parsedOf({ parsed, yaml, file }: Pick<RuleText, 'parsed' | 'yaml' | 'file'>): SigmaDocuments {
  return (parsed === undefined ? undefined : decodeParsed(parsed)) ?? parseSigma(yaml, file);
}
