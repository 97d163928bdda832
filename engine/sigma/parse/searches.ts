/** Named detections with the conditions over them: the `detection` of a rule and the `filter` of a filter. */
import type { SigmaRule } from '../model.ts';
import { fail } from './attributes.ts';
import { parseCondition } from './condition.ts';
import { readDetections } from './detection.ts';
import type { YamlNode } from './yaml.ts';

/** Reads the map that stands under `attribute`; the keys in `except` are no detections. */
export function readSearches(attribute: string, node: YamlNode, except: readonly string[]): Pick<SigmaRule, 'detections' | 'conditions'> {
  if (node.kind !== 'map') return fail(attribute, 'it is not a map', node.place);
  const condition = node.entries.find((entry) => entry.key === 'condition')?.value ?? fail(attribute, 'it has no condition', node.place);
  const detections = readDetections(node.entries.filter((entry) => entry.key !== 'condition' && !except.includes(entry.key)));
  const names = detections.map((detection) => detection.name);
  const texts = condition.kind === 'list' ? condition.items : [condition];
  if (texts.length === 0) fail('condition', 'the list is empty', condition.place);
  const conditions = texts.map((text) => {
    if (text.kind !== 'scalar' || typeof text.value !== 'string') return fail('condition', 'it is not a text', text.place);
    return parseCondition(text.value, names, text.place);
  });
  return { detections, conditions };
}
