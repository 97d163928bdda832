/** A rule while a pipeline works on it, and what the pipeline remembers about it. One draft a rule: nothing outlives it. */
import { SigmaError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Condition, Detection, Item, LogSource, SigmaRule } from '../model.ts';
import type { Scalar } from '../parse/yaml.ts';
import type { ProcessingItem } from './model.ts';

/** Changes a detection item: to another detection, to nothing (`drop`), or not at all (undefined). */
export type Change = (item: Item) => Detection | 'drop' | undefined;

export class Draft {
  rule: SigmaRule;
  readonly vars: ReadonlyMap<string, readonly Scalar[]>;
  /** `set_state`. */
  readonly state = new Map<string, Scalar>();
  /** `set_custom_attribute`. */
  readonly attributes = new Map<string, Scalar | readonly Scalar[]>();
  /** Ids of the items applied to the rule. */
  readonly applied = new Set<string>();
  /** Names a field mapping took or gave. */
  readonly mapped = new Set<string>();
  /** The log sources of the rules a correlation refers to; undefined for a rule. */
  readonly correlated: readonly LogSource[] | undefined;
  private readonly byItem = new WeakMap<Item, ReadonlySet<string>>();
  private readonly byField = new Map<string, ReadonlySet<string>>();

  constructor(rule: SigmaRule, vars: ReadonlyMap<string, readonly Scalar[]>, correlated?: readonly LogSource[]) {
    this.rule = rule;
    this.vars = vars;
    this.correlated = correlated;
  }

  wasItemProcessed(item: Item, id: string): boolean {
    return this.byItem.get(item)?.has(id) === true;
  }

  wasFieldProcessed(field: string, id: string): boolean {
    return this.byField.get(field)?.has(id) === true;
  }

  /** Remembers that a field name became others. */
  trackField(field: string, names: readonly string[], id: string | undefined): void {
    if (id === undefined) return;
    const ids = new Set(this.byField.get(field)).add(id);
    for (const name of names) this.byField.set(name, new Set([...(this.byField.get(name) ?? []), ...ids]));
  }

  /** Marks every item of a detection as made by a processing item, out of `from` where there was one. */
  mark(detection: Detection, id: string | undefined, from?: Item): void {
    if (detection.kind !== 'item') return detection.children.forEach((child) => this.mark(child, id, from));
    const known = [...(from === undefined ? [] : (this.byItem.get(from) ?? [])), ...(this.byItem.get(detection) ?? [])];
    this.byItem.set(detection, new Set(id === undefined ? known : [...known, id]));
  }

  /** Changes every detection item the processing item is about. Detections that are left with nothing leave the conditions too. */
  changeItems(processing: ProcessingItem, change: Change): void {
    const walk = (detection: Detection): Detection | undefined => {
      if (detection.kind === 'item') {
        if (!processing.matchesItem(detection, this)) return detection;
        const changed = change(detection);
        if (changed === undefined) return detection;
        if (changed === 'drop') return undefined;
        this.mark(changed, processing.id, detection);
        return changed;
      }
      const children = detection.children.map(walk);
      if (children.every((child, index) => child === detection.children[index])) return detection;
      const left = children.filter((child) => child !== undefined);
      const [only] = left;
      return left.length <= 1 ? only : { kind: detection.kind, children: left };
    };
    const gone = new Set<string>();
    const detections = this.rule.detections.flatMap((named) => {
      const detection = walk(named.detection);
      if (detection === undefined) gone.add(named.name);
      if (detection === named.detection) return [named];
      return detection === undefined ? [] : [{ name: named.name, detection }];
    });
    if (detections.length === this.rule.detections.length && detections.every((named, at) => named === this.rule.detections[at])) return;
    this.rule = { ...this.rule, detections, ...(gone.size === 0 ? {} : { conditions: this.conditionsWithout(gone) }) };
    this.checkSize();
  }

  private conditionsWithout(gone: ReadonlySet<string>): Condition[] {
    const conditions = this.rule.conditions.flatMap((condition) => without(condition, gone) ?? []);
    if (conditions.length === 0) throw new SigmaError('SIGMA_TRANSFORMATION', { item: 'drop', reason: 'nothing is left of the condition' });
    return conditions;
  }

  /** A pipeline may multiply what a rule holds only so far. */
  private checkSize(): void {
    let size = 0;
    const count = (detection: Detection): void => {
      if (detection.kind === 'item') size += 1 + detection.tests.length;
      else detection.children.forEach(count);
    };
    for (const { detection } of this.rule.detections) count(detection);
    if (size > 2 * LIMITS.valuesPerRule) throw new SigmaError('SIGMA_LIMIT', { reason: `a pipeline makes ${size} values of the rule` });
  }
}

/** The condition without the detections that are gone; undefined where nothing is left of it. */
function without(condition: Condition, gone: ReadonlySet<string>): Condition | undefined {
  if (condition.kind === 'selection') return gone.has(condition.name) ? undefined : condition;
  if (condition.kind === 'of') {
    const names = condition.names.filter((name) => !gone.has(name));
    return names.length === 0 ? undefined : { ...condition, names };
  }
  if (condition.kind === 'not') {
    const child = without(condition.child, gone);
    return child === undefined ? undefined : { kind: 'not', child };
  }
  const children = condition.children.flatMap((child) => without(child, gone) ?? []);
  const [only] = children;
  return children.length <= 1 ? only : { kind: condition.kind, children };
}
