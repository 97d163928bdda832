/** A rule's tree as it is walked for every candidate: objects of one shape, alternatives that a scan settles taken together. */
import { type Memo, newMemo } from './known-values.ts';
import type { Atom, Node } from './node.ts';

export const ATOM = 0;
export const AND = 1;
export const SOME = 2;
export const NOT = 3;

export interface Step {
  readonly kind: typeof ATOM | typeof AND | typeof SOME | typeof NOT;
  readonly atom: Atom | undefined;
  /** In the order in which they are asked, which changes with what the events hold. */
  readonly children: Step[];
  /** Has a test that costs much. */
  readonly dear: boolean;
  /** SOME: how many must hold. */
  readonly count: number;
  /** SOME with count 1: mark of the group of scanned alternatives of which one was found; -1: there is none. */
  readonly group: number;
  /** Where all tests below look at the text of one field: what they say together is kept with the value. */
  readonly memo: FieldMemo | undefined;
}

/** Shared by equal steps. */
export interface FieldMemo extends Memo {
  readonly slot: number;
}

/** Numbers the groups of scanned alternatives while it makes the steps. */
export class StepMaker {
  /** By atom: groups that have it as an alternative. */
  readonly groups = new Map<Atom, number[]>();
  size = 0;
  private readonly memos = new Map<string, FieldMemo>();

  make(node: Node): Step {
    if (node.kind === 'atom') return stepOf({ kind: ATOM, atom: node.atom, dear: isDear(node.atom) });
    const memo = this.memo(node);
    if (node.kind === 'not') return over(NOT, [this.make(node.child)], { memo });
    if (node.kind === 'or') return this.alternatives(node.children, memo);
    if (node.kind === 'and') return over(AND, this.all(byField('and', node.children)), { memo });
    return over(SOME, this.all(node.children), { count: node.count, memo });
  }

  private all(nodes: readonly Node[]): Step[] {
    return nodes.map((node) => this.make(node));
  }

  private alternatives(children: readonly Node[], memo: FieldMemo | undefined): Step {
    const scanned = children.flatMap((child) => (child.kind === 'atom' && child.atom.scanned ? [child.atom] : []));
    const together = scanned.length > 1;
    const rest = together ? children.filter((child) => child.kind !== 'atom' || !child.atom.scanned) : children;
    const group = together ? this.size++ : -1;
    if (together)
      for (const atom of scanned) {
        const known = this.groups.get(atom);
        if (known === undefined) this.groups.set(atom, [group]);
        else known.push(group);
      }
    return over(SOME, this.all(byField('or', rest)), { count: 1, group, memo });
  }

  private memo(node: Node): FieldMemo | undefined {
    const slot = fieldOf(node);
    if (slot < 0) return undefined;
    const key = keyOf(node);
    let known = this.memos.get(key);
    if (known === undefined) this.memos.set(key, (known = { slot, ...newMemo() }));
    return known;
  }
}

/** One shape for all steps, whatever is left out. */
function stepOf({ kind, atom, children = [], dear = false, count = 0, group = -1, memo }: Partial<Step> & Pick<Step, 'kind'>): Step {
  return { kind, atom, children, dear, count, group, memo };
}

function over(kind: Step['kind'], children: Step[], given: Partial<Pick<Step, 'count' | 'group' | 'memo'>>): Step {
  return stepOf({ kind, children, dear: children.some(({ dear }) => dear), ...given });
}

function isDear({ scanned, plan }: Atom): boolean {
  return !scanned && (plan.form === 'regex' || plan.form === 'other');
}

/** Children that look at the same field's text stand together, so that one answer does for all of them. */
function byField(kind: 'and' | 'or', children: readonly Node[]): readonly Node[] {
  const groups = [...Map.groupBy(children, (child) => (fieldOf(child) < 0 ? child : fieldOf(child))).values()];
  if (groups.length === 1) return children;
  return groups.map((group): Node => (group.length === 1 && group[0] !== undefined ? group[0] : { kind, children: group }));
}

/** The slot of the one field whose text decides the node; -1 where there is more to it. */
function fieldOf(node: Node): number {
  if (node.kind === 'atom') {
    const { slot, plan, datePart } = node.atom;
    const { kind } = plan.test;
    return datePart === undefined && (kind === 'string' || kind === 'regex' || kind === 'null' || kind === 'exists') ? slot : -1;
  }
  if (node.kind === 'not') return fieldOf(node.child);
  const [first = -1, ...rest] = node.children.map(fieldOf);
  return rest.every((slot) => slot === first) ? first : -1;
}

function keyOf(node: Node): string {
  if (node.kind === 'atom') return String(node.atom.id);
  if (node.kind === 'not') return `!${keyOf(node.child)}`;
  const count = node.kind === 'count' ? node.count : '';
  return `${node.kind}${count}(${node.children.map(keyOf).join(' ')})`;
}
