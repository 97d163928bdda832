/** Atoms on the event at hand, each tested at most once. */
import type { StringTest, Test } from '../model.ts';
import { compares, datePart, inCidr } from '../match/value.ts';
import { matchesString } from '../plain/string.ts';
import type { ScalarValue } from '../pipelines/paths.ts';
import { makeFinder } from '../match/find.ts';
import { foldDashes } from '../match/fold.ts';
import type { Document } from './document.ts';
import type { Everything, Field, FieldText } from './field.ts';
import { compileGlob } from './glob.ts';
import { prepareLiteral, type TestPlan } from './logic.ts';
import type { Atom } from './node.ts';
import { makeReference } from './reference.ts';
import { type Memo, newMemo } from './known-values.ts';
import { isWide } from './wide.ts';
import { DASHED, FOLDED, standsInBytes } from './units.ts';

type TextTest = (text: FieldText) => boolean;

/** Compiled once per plan, shared by all buckets. */
const textTests = new WeakMap<TestPlan, TextTest>();

export class AtomTests {
  private readonly fields: readonly Field[];
  private readonly everything: Everything;
  private readonly found: Int32Array;
  /** Twice the serial number of the event, plus one where the atom passed. */
  private readonly memo: Float64Array;
  /** By atom: how its field's texts are tested, for those that look at nothing else. */
  private readonly checks: (TextTest | undefined)[];
  /** By atom: where its field keeps the answers to its test. */
  private readonly memos: (Memo | undefined)[];
  private event: Document | undefined;
  private serial = 0;

  constructor(fields: readonly Field[], everything: Everything, shared: { readonly found: Int32Array; readonly atoms: number }) {
    this.fields = fields;
    this.everything = everything;
    this.found = shared.found;
    this.memo = new Float64Array(shared.atoms);
    this.memos = Array.from({ length: shared.atoms }, () => undefined);
    this.checks = Array.from({ length: shared.atoms }, () => undefined);
  }

  begin(event: Document, serial: number): void {
    this.event = event;
    this.serial = serial;
  }

  restart(): void {
    this.memo.fill(0);
  }

  passes(atom: Atom): boolean {
    if (atom.scanned) return this.found[atom.id] === this.serial;
    const known = (this.memo[atom.id] ?? 0) - 2 * this.serial;
    if (known >= 0) return known === 1;
    const result = this.run(atom);
    this.memo[atom.id] = 2 * this.serial + (result ? 1 : 0);
    return result;
  }

  private run(atom: Atom): boolean {
    const { event } = this;
    if (event === undefined) return false;
    const check = this.checks[atom.id];
    if (check === undefined) return this.runOther(atom, event);
    const field = this.fields[atom.slot]?.load(event, this.serial);
    return field !== undefined && (field.entry < 0 ? passesAny(field, check) : this.remembered(field, atom, check));
  }

  private remembered({ known, entry, texts }: Field, atom: Atom, check: TextTest): boolean {
    const [text] = texts;
    if (text === undefined) return false;
    const memo = (this.memos[atom.id] ??= newMemo());
    const answer = known.recall(entry, memo);
    if (answer >= 0) return answer === 1;
    const passes = check(text);
    known.keep(entry, memo, passes);
    return passes;
  }

  private runOther(atom: Atom, event: Document): boolean {
    const { plan } = atom;
    if (atom.slot < 0) return this.everything.load(event, this.serial).some(textTest(plan));
    const field = this.fields[atom.slot]?.load(event, this.serial);
    if (field === undefined) return false;
    const { test } = plan;
    if (test.kind === 'exists') return field.present === test.expected;
    if (atom.datePart !== undefined) return this.onDate(atom, field);
    if (test.kind === 'null') return field.empty;
    if (test.kind === 'fieldref') return this.reference(test, field, this.fields[atom.other]?.load(event, this.serial));
    if (test.kind === 'cidr' || test.kind === 'compare') return field.list().some((value) => onScalar(test, value));
    return passesAny(field, (this.checks[atom.id] = textTest(plan)));
  }

  private onDate({ plan, datePart: part }: Atom, field: Field): boolean {
    const { test } = plan;
    const values = field.list().map((value) => (part === undefined ? value : (datePart(value, part) ?? null)));
    if (test.kind === 'null') return values.length === 0 || values.includes(null);
    return values.some((value) => value !== null && (test.kind === 'string' ? matchesString(test, String(value)) : onScalar(test, value)));
  }

  private reference(test: Test & { kind: 'fieldref' }, field: Field, other: Field | undefined): boolean {
    if (other === undefined) return false;
    return other.texts.some((needle) => {
      // Neither folding nor the reading of a text changes its length.
      if (test.position === 'equals' && !field.texts.some((text) => mayEqual(text, needle))) return false;
      const stands = makeReference(test, needle.text);
      return field.texts.some((text) => stands(text.text));
    });
  }
}

/** False where the texts differ whatever is made of their case. */
function mayEqual(left: FieldText, right: FieldText): boolean {
  if (left.length !== right.length) return false;
  if (!left.ascii || !right.ascii) return true;
  for (let at = 0; at < left.length; at++)
    if (FOLDED[left.bytes[left.from + at] ?? 0] !== FOLDED[right.bytes[right.from + at] ?? 0]) return false;
  return true;
}

function passesAny(field: Field | undefined, check: TextTest): boolean {
  if (field === undefined) return false;
  for (const text of field.texts) if (check(text)) return true;
  return false;
}

function onScalar(test: Test, value: ScalarValue): boolean {
  if (value === null) return false;
  if (test.kind === 'cidr') return inCidr(test, value);
  return test.kind === 'compare' && compares(test, value);
}

function textTest(plan: TestPlan): TextTest {
  let test = textTests.get(plan);
  if (test === undefined) textTests.set(plan, (test = compileText(plan)));
  return test;
}

function compileText(plan: TestPlan): TextTest {
  const { test, regex, needles } = plan;
  if (regex !== undefined)
    return (text) =>
      text.length >= regex.shortest &&
      (needles === undefined || needles.some((needle) => text.folded.includes(needle))) &&
      regex.test(text.text);
  if (test.kind === 'cidr') return (text) => inCidr(test, text.text);
  if (test.kind === 'compare') return (text) => compares(test, text.text);
  if (test.kind !== 'string') return () => false;
  const compiled = compileString(plan, test);
  // What is not ASCII, folded, stands in no text that is.
  const wide = test.parts.some((part) => typeof part === 'string' && isWide(prepareLiteral(test, part)));
  return wide ? (text) => !text.ascii && compiled(text) : compiled;
}

function compileString(plan: TestPlan, test: StringTest): TextTest {
  const { literal } = plan;
  const prepared = preparation(test.cased, test.dashes);
  if (plan.form === 'equals' || plan.form === 'starts' || plan.form === 'ends') return placed(plan, prepared);
  if (plan.form === 'contains') {
    const find = makeFinder(literal);
    if (literal.length === 1 && !test.cased && !test.dashes)
      return (text) => (text.ascii ? holdsByte(text, literal.charCodeAt(0)) : find(prepared(text), 0) >= 0);
    return (text) => text.length >= literal.length && find(prepared(text), 0) >= 0;
  }
  const glob = compileGlob(test);
  return (text) => glob(prepared(text));
}

/** Literals at the start or the end: compared with the bytes where there are bytes, so that no text is made for them. */
function placed({ test, form, literal }: TestPlan, prepared: (text: FieldText) => string): TextTest {
  const { length } = literal;
  const table = test.kind !== 'string' || test.cased ? undefined : test.dashes ? DASHED : FOLDED;
  if (form === 'equals')
    return (text) => {
      if (text.ascii && table !== undefined) return text.to - text.from === length && standsInBytes(literal, text, text.from, table);
      return text.text.length === length && prepared(text) === literal;
    };
  if (form === 'starts')
    return (text) =>
      text.ascii && table !== undefined ? standsInBytes(literal, text, text.from, table) : prepared(text).startsWith(literal);
  return (text) => {
    if (!text.ascii || table === undefined) return prepared(text).endsWith(literal);
    const start = text.to - length;
    return start >= text.from && standsInBytes(literal, text, start, table);
  };
}

function holdsByte({ bytes, from, to }: FieldText, folded: number): boolean {
  for (let at = from; at < to; at++) if (FOLDED[bytes[at] ?? 0] === folded) return true;
  return false;
}

function preparation(cased: boolean, dashes: boolean): (text: FieldText) => string {
  if (!cased) return dashes ? (text) => text.dashed : (text) => text.folded;
  return dashes ? (text) => foldDashes(text.text) : (text) => text.text;
}
