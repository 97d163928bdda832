/** Tags: their form, their namespaces, and whether ATT&CK has what they name (specification: Tags Appendix). */
import { isAttackId, replacementOf, TACTICS } from './attack.ts';
import { shorten } from './detections.ts';
import { type LintDocument, nearest, textsOf, valueOf } from './document.ts';
import type { LintFix } from './model.ts';
import { fixWith } from './source.ts';
import type { Place } from '../errors.ts';

/** The form of the values of each namespace but `attack`. */
const NAMESPACES: Readonly<Record<string, { readonly form: RegExp; readonly like: string }>> = {
  car: { form: /^\d{4}-\d{2}-\d{3}$/, like: 'car.2016-04-005' },
  cve: { form: /^\d{4}-\d{4,}$/, like: 'cve.2021-44228' },
  d3fend: { form: /^(?:d3f?-[a-z0-9]+|model|harden|detect|isolate|deceive|evict)$/i, like: 'd3fend.d3-am' },
  detection: { form: /^(?:dfir|emerging-threats|threat-hunting)$/, like: 'detection.threat-hunting' },
  stp: { form: /^[1-5][auk]?$/, like: 'stp.3k' },
  tlp: { form: /^(?:red|amber|amber-strict|green|clear)$/, like: 'tlp.amber' },
};
/** `t1234` and `t1234.001`, groups, software, data sources, mitigations, assets, tactics by id. */
const ATTACK_ID = /^(?:t\d{4}(?:\.\d{3})?|[gsma]\d{4}|ds\d{4}|ta\d{4})$/;

interface Tag {
  readonly text: string;
  readonly place: Place;
  readonly all: readonly string[];
}

export function checkTags(document: LintDocument): void {
  const tags = textsOf(valueOf(document.root, 'tags'));
  const all = tags.map(({ text }) => text);
  for (const { text, place } of tags) checkTag({ text, place, all }, document);
}

function checkTag(tag: Tag, document: LintDocument): void {
  const { text, place } = tag;
  const dot = text.indexOf('.');
  const [namespace, value] = [text.slice(0, dot).toLowerCase(), text.slice(dot + 1)];
  // The appendix itself writes the artifacts of D3FEND with capital letters.
  if (!/^[a-z0-9_-]+\.[a-z0-9._-]+$/.test(text) && !(namespace === 'd3fend' && dot > 0)) {
    const lower = text.trim().toLowerCase();
    const right = /^[a-z0-9_-]+\.[a-z0-9._-]+$/.test(lower);
    const fix = right ? rename(tag, lower, document) : undefined;
    document.report('bad-tag', place, `${shorten(text)} is not a tag: write namespace.value in lower case.`, fix);
    return;
  }
  if (namespace === 'attack') return checkAttack(tag, value, document);
  const known = Object.hasOwn(NAMESPACES, namespace) ? NAMESPACES[namespace] : undefined;
  if (known === undefined) document.report('unknown-tag-namespace', place, `The specification has no tags of "${namespace}".`);
  else if (!known.form.test(value)) document.report('bad-tag-value', place, `${shorten(text)} is not written like ${known.like}.`);
}

function checkAttack(tag: Tag, value: string, document: LintDocument): void {
  const { place } = tag;
  if (/^(?:t|ta|g|s|ds|m|a)\d/.test(value)) {
    if (!ATTACK_ID.test(value)) {
      document.report('bad-attack-tag', place, `${shorten(tag.text)} is not written like attack.t1059.001.`);
      return;
    }
    if (!/^t\d/.test(value) || isAttackId(value)) return;
    const becomes = replacementOf(value);
    if (becomes === undefined) document.report('unknown-attack-tag', place, `ATT&CK has no technique ${value.toUpperCase()}.`);
    else {
      const message = `ATT&CK replaced ${value.toUpperCase()} by ${becomes.toUpperCase()}.`;
      document.report('unknown-attack-tag', place, message, rename(tag, `attack.${becomes}`, document));
    }
    return;
  }
  if (TACTICS.includes(value)) return;
  const dashed = value.replaceAll('_', '-');
  const near = TACTICS.includes(dashed) ? dashed : nearest(value, TACTICS);
  const hint = near === undefined ? '' : `; did you mean attack.${near}?`;
  const fix = near === dashed ? rename(tag, `attack.${near}`, document) : undefined;
  document.report('unknown-attack-tag', place, `ATT&CK has no tactic "${value}"${hint}`, fix);
}

/** Another name for a tag, or its removal where the rule has that name already. */
function rename({ text, place, all }: Tag, becomes: string, document: LintDocument): LintFix | undefined {
  if (all.includes(becomes)) return fixWith(`leave it out beside ${becomes}`, document.source.removeEntry(place));
  return fixWith(`write ${becomes}`, document.source.replace(place, text, becomes));
}
