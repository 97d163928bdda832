/** A rule's tree as it is walked for every candidate: objects of one shape, alternatives that a scan settles taken together. */
import type { Atom, Node } from './node.ts';

export const ATOM = 0;
export const AND = 1;
export const SOME = 2;
export const NOT = 3;

export interface Step {
  readonly kind: typeof ATOM | typeof AND | typeof SOME | typeof NOT;
  readonly atom: Atom | undefined;
  readonly children: readonly Step[];
  /** SOME: how many must hold. */
  readonly count: number;
  /** SOME with count 1: mark of the group of scanned alternatives of which one was found; -1: there is none. */
  readonly group: number;
}

/** Numbers the groups of scanned alternatives while it makes the steps. */
export class StepMaker {
  /** By atom: groups that have it as an alternative. */
  readonly groups = new Map<Atom, number[]>();
  size = 0;

  make(node: Node): Step {
    if (node.kind === 'atom') return { kind: ATOM, atom: node.atom, children: [], count: 0, group: -1 };
    if (node.kind === 'not') return { kind: NOT, atom: undefined, children: [this.make(node.child)], count: 0, group: -1 };
    if (node.kind === 'and')
      return { kind: AND, atom: undefined, children: node.children.map((child) => this.make(child)), count: 0, group: -1 };
    if (node.kind === 'count')
      return { kind: SOME, atom: undefined, children: node.children.map((child) => this.make(child)), count: node.count, group: -1 };
    return this.alternatives(node.children);
  }

  private alternatives(children: readonly Node[]): Step {
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
    return { kind: SOME, atom: undefined, children: rest.map((child) => this.make(child)), count: 1, group };
  }
}
