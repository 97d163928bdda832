/**
 * The rules for one kind of event, and one event's way through them: each field that a witness stands on is scanned once, rules
 * of which a witness passed are evaluated, the others are not looked at.
 */
import type { Path } from '../pipelines/paths.ts';
import type { BucketRule } from './build.ts';
import type { Document } from './document.ts';
import { Everything, Field, type FieldText } from './field.ts';
import type { Memory } from './known-values.ts';
import { type Entry, isScannable, makeScans, type Scan, type ScanParts, stands } from './scans.ts';
import { AtomTests } from './tests.ts';
import type { Atom } from './node.ts';
import { type Step, StepMaker } from './step.ts';
import { StepWalker } from './walk.ts';

export interface Listener {
  readonly matched: (index: number) => void;
  /** A rule threw while it looked at the event. */
  readonly fault: (index: number, error: unknown) => void;
  /** Where the event is one of those that are measured: how long a rule took, in milliseconds. */
  readonly timed?: ((index: number, ms: number) => void) | undefined;
}

export interface BucketParts extends ScanParts {
  readonly rules: readonly BucketRule[];
  /** Positions of rules that no witness watches. */
  readonly always: readonly number[];
  /** Witness to the positions of the rules it wakes. */
  readonly wakes: ReadonlyMap<Atom, readonly number[]>;
  readonly slots: readonly { readonly paths: readonly Path[] }[];
  readonly atoms: number;
  readonly memory: Memory;
}

export class Bucket {
  readonly size: number;
  private readonly rules: readonly { readonly index: number; readonly step: Step }[];
  private readonly always: readonly number[];
  private readonly wakes: (readonly number[])[];
  private readonly fields: Field[];
  private readonly everything: Everything;
  private readonly scans: readonly Scan[];
  /** Witnesses that no scan can find: they are tested on every event. */
  private readonly direct: Atom[];
  private readonly entries: readonly Entry[];
  private readonly tests: AtomTests;
  private readonly steps: StepWalker;
  /** Serial number of the event a witness was found in, by atom. */
  private readonly found: Int32Array;
  /** By atom: groups of alternatives it belongs to; and serial number of the event one of them was found in, by group. */
  private readonly groups: (readonly number[] | undefined)[];
  private readonly foundGroup: Int32Array;
  /** Serial number of the event a rule was woken by, by position. */
  private readonly woken: Int32Array;
  /** Positions of the rules to evaluate, and how many there are: a list made shorter and longer again would be allocated anew. */
  private readonly candidates: Int32Array;
  private waiting = 0;
  private serial = 0;
  private text: FieldText | undefined;
  /** Takes what is found in a value that is scanned for the first time. */
  private learning: Atom[] | undefined;

  constructor(parts: BucketParts) {
    this.size = parts.rules.length;
    const steps = new StepMaker();
    this.rules = parts.rules.map(({ index, node }) => ({ index, step: steps.make(node) }));
    this.groups = Array.from({ length: parts.atoms }, () => undefined);
    for (const [atom, groups] of steps.groups) this.groups[atom.id] = groups;
    this.foundGroup = new Int32Array(steps.size);
    this.always = parts.always;
    this.fields = parts.slots.map(({ paths }) => new Field(paths, parts.tree, parts.memory));
    this.everything = new Everything(parts.keywords);
    this.found = new Int32Array(parts.atoms);
    this.woken = new Int32Array(parts.rules.length);
    this.candidates = new Int32Array(parts.rules.length);
    this.wakes = Array.from({ length: parts.atoms }, () => []);
    for (const [atom, positions] of parts.wakes) this.wakes[atom.id] = positions;
    this.tests = new AtomTests(this.fields, this.everything, { found: this.found, atoms: parts.atoms });
    this.steps = new StepWalker({ fields: this.fields, tests: this.tests, foundGroup: this.foundGroup });
    this.direct = [...parts.wakes.keys()].filter((atom) => !isScannable(atom));
    ({ scans: this.scans, entries: this.entries } = makeScans([...parts.wakes.keys()].filter(isScannable), parts));
  }

  /** Tells which rules match, and which threw. */
  match(event: Document, listener: Listener): void {
    const { matched, fault } = listener;
    if (++this.serial === 0x3fffffff) this.restart();
    const { serial, candidates } = this;
    this.tests.begin(event, serial);
    this.steps.begin(event, serial);
    this.waiting = 0;
    for (const position of this.always) candidates[this.waiting++] = position;
    for (const scan of this.scans) this.scan(scan, event);
    for (const atom of this.direct) if (this.passesDirectly(atom)) this.wake(atom);
    if (listener.timed !== undefined) return this.measure(listener, listener.timed);
    for (let at = 0; at < this.waiting; at++) {
      const rule = this.rules[candidates[at] ?? -1];
      if (rule === undefined) continue;
      try {
        if (this.steps.hold(rule.step)) matched(rule.index);
      } catch (error) {
        fault(rule.index, error);
      }
    }
  }

  /** The same as at the end of `match`, rule by rule with a watch in hand. What several rules ask is counted to the first of them. */
  private measure({ matched, fault }: Listener, timed: (index: number, ms: number) => void): void {
    for (let at = 0; at < this.waiting; at++) {
      const rule = this.rules[this.candidates[at] ?? -1];
      if (rule === undefined) continue;
      const started = performance.now();
      try {
        if (this.steps.hold(rule.step)) matched(rule.index);
      } catch (error) {
        fault(rule.index, error);
      }
      timed(rule.index, performance.now() - started);
    }
  }

  /** A witness that throws wakes its rules: the fault then shows in each of them by name. */
  private passesDirectly(atom: Atom): boolean {
    try {
      return this.tests.passes(atom);
    } catch {
      return true;
    }
  }

  private restart(): void {
    this.serial = 1;
    this.found.fill(0);
    this.foundGroup.fill(0);
    this.woken.fill(0);
    this.tests.restart();
  }

  private scan(scan: Scan, event: Document): void {
    if (scan.slot < 0) {
      if (event.json !== undefined && scan.raw !== undefined && !scan.raw.mayHold(event.json)) return;
      this.everything.visit(event, this.onValue, scan);
      return;
    }
    const field = this.fields[scan.slot];
    if (field === undefined) return;
    const { texts } = field.load(event, this.serial);
    const entry = field.enter();
    if (entry < 0) for (const text of texts) this.scanText(scan, text);
    else {
      const known = field.known.found[entry];
      if (known === undefined) field.known.found[entry] = this.learn(scan, texts);
      else for (const atom of known) this.wake(atom);
    }
  }

  /** Scans, and tells all that was found. Witnesses of a field are found in that field only: none of them was found before. */
  private learn(scan: Scan, texts: readonly FieldText[]): readonly Atom[] {
    const found: Atom[] = [];
    this.learning = found;
    for (const text of texts) this.scanText(scan, text);
    this.learning = undefined;
    return found;
  }

  private readonly onValue = (text: FieldText, scan: Scan): void => this.scanText(scan, text);

  private scanText({ grams, wide, starts, ends }: Scan, text: FieldText): void {
    this.text = text;
    if (text.ascii) {
      grams?.scanBytes(text, this.onGram);
      ends?.walkBytes(text, this.onEnd);
      starts?.walkBytes(text, this.onStart);
      return;
    }
    grams?.scan(text.text, this.onGram);
    wide?.scan(text, this.onGram);
    ends?.walk(text.text, this.onEnd);
    starts?.walk(text.text, this.onStart);
  }

  private readonly onGram = (number: number, start: number): void => {
    const entry = this.entries[number];
    const text = this.text;
    if (entry === undefined || text === undefined || this.found[entry.atom.id] === this.serial) return;
    if (stands(entry, text, start)) this.wake(entry.atom);
  };

  private readonly onEnd = (numbers: readonly number[], length: number): void => {
    const text = this.text;
    if (text === undefined) return;
    const whole = text.ascii ? text.to - text.from : text.text.length;
    for (const number of numbers) {
      const entry = this.entries[number];
      if (entry === undefined || (entry.whole && length !== whole)) continue;
      if (entry.plain || stands(entry, text, (text.ascii ? text.to : whole) - entry.needle.length)) this.wake(entry.atom);
    }
  };

  private readonly onStart = (numbers: readonly number[]): void => {
    const text = this.text;
    if (text === undefined) return;
    for (const number of numbers) {
      const entry = this.entries[number];
      if (entry !== undefined && (entry.plain || stands(entry, text, text.ascii ? text.from : 0))) this.wake(entry.atom);
    }
  };

  private wake(atom: Atom): void {
    if (this.found[atom.id] === this.serial) return;
    this.found[atom.id] = this.serial;
    this.learning?.push(atom);
    const groups = this.groups[atom.id];
    if (groups !== undefined) for (const group of groups) this.foundGroup[group] = this.serial;
    for (const position of this.wakes[atom.id] ?? [])
      if (this.woken[position] !== this.serial) {
        this.woken[position] = this.serial;
        this.candidates[this.waiting++] = position;
      }
  }
}
