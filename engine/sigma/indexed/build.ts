/** Rules of one kind of event made into a bucket: fields to slots, tests to atoms, what the event id decides taken out. */
import type { DatePart, SigmaRule } from '../model.ts';
import type { Shape, Source } from '../pipelines/model.ts';
import { fieldPaths } from '../pipelines/resolve.ts';
import type { PathTree } from '../json/path-tree.ts';
import { Bucket } from './bucket.ts';
import { coverOf } from './cover.ts';
import type { GramCounts } from './grams.ts';
import type { Memory } from './known-values.ts';
import type { LogicNode, TestPlan } from './logic.ts';
import { type Atom, inOrder, type Node, simplify, simplifyCount } from './node.ts';

/** What it adds to a witness's cost that all values of an event are looked at for it. */
const KEYWORD = 0.02;

/** A rule, its tree, and the source through which it looks at this kind of event. */
export interface Bound {
  readonly index: number;
  readonly rule: SigmaRule;
  readonly logic: LogicNode;
  readonly source: Source | 'hint';
}

export interface BucketInput {
  readonly shape: Shape;
  readonly bound: readonly Bound[];
  /** Places of the event id where it is one value, and that value folded; undefined for a value that no rule asks for. */
  readonly eventId: { readonly key: string; readonly value: string | undefined } | undefined;
  readonly counts: GramCounts;
  readonly tree: PathTree;
  /** For what is remembered of values. */
  readonly memory: Memory;
}

/** A rule that is left after what is known was taken out. */
export interface BucketRule {
  readonly index: number;
  readonly node: Node;
}

export function buildBucket(input: BucketInput): Bucket {
  const builder = new Builder(input);
  const rules: BucketRule[] = [];
  const always: number[] = [];
  const wakes = new Map<Atom, number[]>();
  for (const bound of input.bound) {
    const open = builder.node(bound.logic, bound.source);
    if (open === false) continue;
    const node: Node = open === true ? { kind: 'and', children: [] } : open;
    const position = rules.push({ index: bound.index, node }) - 1;
    const cover = coverOf(node);
    if (cover === undefined) always.push(position);
    else
      for (const atom of new Set(cover.atoms)) {
        const woken = wakes.get(atom);
        if (woken === undefined) wakes.set(atom, [position]);
        else woken.push(position);
      }
  }
  for (const atom of wakes.keys()) atom.scanned = isDecidedByScan(atom);
  const ordered = rules.map(({ index, node }) => ({ index, node: inOrder(node) }));
  return new Bucket({
    rules: ordered,
    always,
    wakes,
    slots: builder.slots,
    keywords: input.shape.keywords,
    atoms: builder.size,
    counts: input.counts,
    tree: input.tree,
    memory: input.memory,
  });
}

/** True when finding the literal settles the test; otherwise finding it only wakes the rules. */
function isDecidedByScan({ plan, datePart }: Atom): boolean {
  const exact = plan.form === 'equals' || plan.form === 'starts' || plan.form === 'ends' || plan.form === 'contains';
  return exact && plan.literal !== '' && plan.test.kind === 'string' && !plan.test.cased && datePart === undefined;
}

class Builder {
  readonly slots: { readonly key: string; readonly paths: ReturnType<typeof fieldPaths> }[] = [];
  private readonly input: BucketInput;
  private readonly slotOf = new Map<string, number>();
  private readonly fields = new Map<Source | 'hint', Map<string, number>>();
  private readonly atoms = new Map<string, Atom>();

  constructor(input: BucketInput) {
    this.input = input;
  }

  get size(): number {
    return this.atoms.size;
  }

  node(logic: LogicNode, source: Source | 'hint'): Node | boolean {
    if (logic.kind === 'leaf') return this.leaf(logic, source);
    if (logic.kind === 'not') {
      const child = this.node(logic.child, source);
      return typeof child === 'boolean' ? !child : { kind: 'not', child };
    }
    const children: (Node | boolean)[] = [];
    for (const one of logic.children) {
      const child = this.node(one, source);
      // Most rules on numbered events fall here: their first test names another number.
      if (logic.kind !== 'count' && child === (logic.kind === 'or')) return child;
      children.push(child);
    }
    return logic.kind === 'count' ? simplifyCount(logic.count, children) : simplify(logic.kind, children);
  }

  private leaf({ field, test, datePart }: LogicNode & { kind: 'leaf' }, source: Source | 'hint'): Node | boolean {
    const slot = field === null ? -1 : this.slot(field, source);
    const known = this.input.eventId;
    if (known !== undefined && field === 'EventID' && this.slots[slot]?.key === known.key && datePart === undefined) {
      // The known value is folded: what asks for its case, or takes dashes for one another, must see the value itself.
      if (test.form === 'equals' && test.test.kind === 'string' && !test.test.cased && !test.test.dashes)
        return test.literal === known.value;
    }
    const other = test.test.kind === 'fieldref' ? this.slot(test.test.field, source) : -1;
    return { kind: 'atom', atom: this.atom(slot, test, other, datePart) };
  }

  private atom(slot: number, plan: TestPlan, other: number, datePart: DatePart | undefined): Atom {
    const key = `${slot}|${plan.id}|${other}|${datePart ?? ''}`;
    const known = this.atoms.get(key);
    if (known !== undefined) return known;
    const atom: Atom = { id: this.atoms.size, slot, plan, other, datePart, cost: plan.cost + (slot < 0 ? KEYWORD : 0), scanned: false };
    this.atoms.set(key, atom);
    return atom;
  }

  private slot(field: string, source: Source | 'hint'): number {
    let known = this.fields.get(source);
    if (known === undefined) this.fields.set(source, (known = new Map()));
    const before = known.get(field);
    if (before !== undefined) return before;
    const paths = fieldPaths(this.input.shape, source, field);
    const key = JSON.stringify(paths);
    const slot = this.slotOf.get(key) ?? this.slots.push({ key, paths }) - 1;
    this.slotOf.set(key, slot);
    known.set(field, slot);
    return slot;
  }
}
