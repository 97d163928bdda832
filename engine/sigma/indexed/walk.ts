/** Walks the trees of rules for the event at hand; what was settled for a value, or settled most often, is used again. */
import type { Document } from './document.ts';
import type { Field } from './field.ts';
import { AND, ATOM, type FieldMemo, NOT, type Step } from './step.ts';
import type { AtomTests } from './tests.ts';

interface Walked {
  readonly fields: readonly Field[];
  readonly tests: AtomTests;
  /** By group of scanned alternatives: serial number of the event one of them was found in. */
  readonly foundGroup: Int32Array;
}

export class StepWalker {
  private readonly fields: readonly Field[];
  private readonly tests: AtomTests;
  private readonly foundGroup: Int32Array;
  private event: Document | undefined;
  private serial = 0;

  constructor({ fields, tests, foundGroup }: Walked) {
    this.fields = fields;
    this.tests = tests;
    this.foundGroup = foundGroup;
  }

  begin(event: Document, serial: number): void {
    this.event = event;
    this.serial = serial;
  }

  /** Whether the step holds for the event at hand. */
  hold(step: Step): boolean {
    if (step.kind === ATOM) return step.atom !== undefined && this.tests.passes(step.atom);
    return step.memo === undefined ? this.walk(step) : this.remembered(step, step.memo);
  }

  /** A step on one field: the answer that was found for the same value before. */
  private remembered(step: Step, memo: FieldMemo): boolean {
    const field = this.event === undefined ? undefined : this.fields[memo.slot]?.load(this.event, this.serial);
    const entry = field === undefined ? -1 : field.enter();
    if (field === undefined || entry < 0) return this.walk(step);
    const answer = field.known.recall(entry, memo);
    if (answer >= 0) return answer === 1;
    const holds = this.walk(step);
    field.known.keep(entry, memo, holds);
    return holds;
  }

  private walk(step: Step): boolean {
    const { kind, children } = step;
    if (kind === AND) {
      for (let at = 0; at < children.length; at++) {
        const child = children[at];
        if (child === undefined || this.hold(child)) continue;
        if ((this.serial & SELDOM) === 0) moveUp(children, at);
        return false;
      }
      return true;
    }
    if (kind === NOT) return !children.every((child) => this.hold(child));
    if (step.group >= 0 && this.foundGroup[step.group] === this.serial) return true;
    let needed = step.count;
    for (let at = 0; at < children.length; at++) {
      const child = children[at];
      if (child === undefined || !this.hold(child) || --needed > 0) continue;
      if ((this.serial & SELDOM) === 0) moveUp(children, at);
      return true;
    }
    return false;
  }
}

/** The order of tests follows one event in eight: that is enough to learn it. */
const SELDOM = 7;

/** What settled a step this time is asked a place earlier next time; dear tests stay behind cheap ones. */
function moveUp(children: Step[], at: number): void {
  const [before, settled] = [children[at - 1], children[at]];
  if (before === undefined || settled === undefined || (settled.dear && !before.dear)) return;
  children[at - 1] = settled;
  children[at] = before;
}
