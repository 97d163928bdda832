/** Trees over atoms: what a bucket evaluates. An atom is one test on one field slot of the bucket. */
import type { DatePart } from '../model.ts';
import type { TestPlan } from './logic.ts';

export interface Atom {
  readonly id: number;
  /** Slot of the field, or -1 for a keyword. */
  readonly slot: number;
  readonly plan: TestPlan;
  readonly datePart: DatePart | undefined;
  /** Slot of the field a `fieldref` names. */
  readonly other: number;
  /** Guess of how often it passes. */
  readonly cost: number;
  /** Found by the scan of its slot: it has passed when the scan hit it, and only then. */
  scanned: boolean;
}

export type Node =
  | { readonly kind: 'and'; readonly children: readonly Node[] }
  | { readonly kind: 'or'; readonly children: readonly Node[] }
  | { readonly kind: 'count'; readonly count: number; readonly children: readonly Node[] }
  | { readonly kind: 'not'; readonly child: Node }
  | { readonly kind: 'atom'; readonly atom: Atom };

/** And, or, not with what is known to be true or false taken out. */
export function simplify(kind: 'and' | 'or', children: readonly (Node | boolean)[]): Node | boolean {
  const decisive = kind === 'or';
  if (children.includes(decisive)) return decisive;
  const open = children.filter((child) => typeof child !== 'boolean');
  const [only] = open;
  if (only === undefined) return !decisive;
  return open.length === 1 ? only : { kind, children: open };
}

export function simplifyCount(count: number, children: readonly (Node | boolean)[]): Node | boolean {
  const left = count - children.filter((child) => child === true).length;
  const open = children.filter((child) => typeof child !== 'boolean');
  if (left <= 0) return true;
  if (left > open.length) return false;
  return left === open.length ? simplify('and', open) : { kind: 'count', count: left, children: open };
}

/** Children that cost least come first. Done once the scanned atoms are known. */
export function inOrder(node: Node): Node {
  if (node.kind === 'atom') return node;
  if (node.kind === 'not') return { kind: 'not', child: inOrder(node.child) };
  return { ...node, children: node.children.map(inOrder).sort((a, b) => price(a) - price(b)) };
}

function price(node: Node): number {
  if (node.kind === 'atom') return node.atom.scanned ? 0 : node.atom.plan.form === 'regex' ? 20 : node.atom.plan.form === 'other' ? 10 : 2;
  if (node.kind === 'not') return price(node.child) + 1;
  return node.children.reduce((sum, child) => sum + price(child), 1);
}
