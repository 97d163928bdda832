/** Fills `%name%` of `|expand` with the values the caller gives (specification: Placeholders). */
import { SigmaError } from './errors.ts';
import { LIMITS } from './limits.ts';
import type { Detection, Item, Part, SigmaRule, Test } from './model.ts';
import { parseString, tidy } from './parse/string.ts';

export type Placeholders = Readonly<Record<string, readonly string[]>>;

/** The rule with every placeholder replaced; the rule itself where it has none. Throws `SIGMA_PLACEHOLDER` for one without values. */
export function fillPlaceholders<Rule extends SigmaRule>(rule: Rule, values: Placeholders): Rule {
  const detections = rule.detections.map((named) => ({ ...named, detection: fill(named.detection, values) }));
  return detections.every((named, index) => named.detection === rule.detections[index]?.detection) ? rule : { ...rule, detections };
}

/** Names of the placeholders that the rule's values hold, each once, in the order of the rule. */
export function placeholdersOf(rule: Pick<SigmaRule, 'detections'>): string[] {
  const names = new Set<string>();
  const visit = (detection: Detection): void => {
    if (detection.kind !== 'item') return detection.children.forEach(visit);
    for (const test of detection.tests)
      if (test.kind === 'string') for (const part of test.parts) if (typeof part === 'object') names.add(part.placeholder);
  };
  for (const { detection } of rule.detections) visit(detection);
  return [...names];
}

function fill(detection: Detection, values: Placeholders): Detection {
  if (detection.kind === 'item') return fillItem(detection, values);
  const children = detection.children.map((child) => fill(child, values));
  return children.every((child, index) => child === detection.children[index]) ? detection : { ...detection, children };
}

function isOpen(test: Test): boolean {
  return test.kind === 'string' && test.parts.some((part) => typeof part === 'object');
}

function fillItem(item: Item, values: Placeholders): Item {
  if (!item.tests.some(isOpen)) return item;
  return {
    ...item,
    tests: item.tests.flatMap((test): Test[] =>
      test.kind === 'string' ? expand(test.parts, values).map((parts) => ({ ...test, parts })) : [test],
    ),
  };
}

function expand(parts: readonly Part[], values: Placeholders): Part[][] {
  let variants: Part[][] = [[]];
  for (const part of parts) {
    const choices = typeof part === 'object' ? valuesOf(part.placeholder, values) : [[part]];
    variants = variants.flatMap((start) => choices.map((choice) => [...start, ...choice]));
    if (variants.length > LIMITS.expansions) throw new SigmaError('SIGMA_LIMIT', { reason: 'its placeholders make too many values' });
  }
  return variants.map((variant) => tidy(variant));
}

function valuesOf(placeholder: string, values: Placeholders): Part[][] {
  const given = Object.hasOwn(values, placeholder) ? values[placeholder] : undefined;
  if (given === undefined || given.length === 0) throw new SigmaError('SIGMA_PLACEHOLDER', { placeholder });
  return given.map((text) => parseString(text));
}
