/** Reads processing pipelines as pySigma writes them in YAML. A pipeline is untrusted: bounded, and refused as a whole with its place. */
import { SigmaError } from '../errors.ts';
import { readYaml, type Scalar, type YamlNode } from '../parse/yaml.ts';
import { FIELD_CONDITIONS, ITEM_CONDITIONS, RULE_CONDITIONS } from './conditions.ts';
import { FIELD_TRANSFORMATIONS } from './fields.ts';
import { readGroup } from './groups.ts';
import { readHashesFields } from './hashes.ts';
import type { ProcessingItem, ProcessingNote, ProcessingPipeline, Transform } from './model.ts';
import { Params, refuse } from './params.ts';
import { PLACEHOLDER_TRANSFORMATIONS } from './placeholders.ts';
import { RULE_TRANSFORMATIONS } from './rule-items.ts';
import { applyItems } from './run.ts';
import { VALUE_TRANSFORMATIONS } from './values.ts';

/** Items of one pipeline, nested ones included. */
const MAX_ITEMS = 5_000;
const DEEPEST = 8;

const TRANSFORMATIONS: ReadonlyMap<string, (params: Params) => Transform> = new Map([
  ...FIELD_TRANSFORMATIONS,
  ...VALUE_TRANSFORMATIONS,
  ...PLACEHOLDER_TRANSFORMATIONS,
  ...RULE_TRANSFORMATIONS,
  ['hashes_fields', readHashesFields],
]);

/** Reads the first document of a text. Throws `SIGMA_PROCESSING`, or what its YAML, an expression or a detection is refused with. */
export function loadProcessingPipeline(text: string, file: string): ProcessingPipeline {
  const [document, second] = readYaml(text);
  if (document === undefined) return refuse('it is empty', { line: 1, column: 1 });
  if (document.root instanceof SigmaError) throw document.root;
  if (second !== undefined) refuse('a file holds one pipeline', second.place);
  const params = new Params(document.root, 'the pipeline');
  const name = params.optionalText('name') ?? file;
  const priority = readPriority(params);
  const allowedBackends = params.optionalTexts('allowed_backends') ?? [];
  const notes: ProcessingNote[] = [];
  const vars = readVars(params.node('vars'), notes);
  const items = new ItemReader(file).list(params, 'transformations', 0);
  for (const key of ['postprocessing', 'finalizers']) {
    const node = params.node(key);
    if (node !== undefined)
      notes.push({ ...node.place, note: `"${key}" changes the text of queries; there are none here, so it has no effect` });
  }
  for (const entry of params.left()) notes.push({ ...entry.place, note: `"${entry.key}" is not known and has no effect` });
  if (items.length === 0) notes.push({ ...params.place, note: 'there are no transformations: it changes no rule' });
  return { name, priority, vars, allowedBackends, items, notes, file };
}

function readPriority(params: Params): number {
  const node = params.node('priority');
  if (node === undefined) return 0;
  if (node.kind !== 'scalar' || typeof node.value !== 'number') return refuse('"priority" is not a number', node.place);
  return node.value;
}

/** Variables that hold more than texts and numbers are for templates of queries; they are noted. */
function readVars(node: YamlNode | undefined, notes: ProcessingNote[]): Map<string, readonly Scalar[]> {
  if (node === undefined) return new Map();
  if (node.kind !== 'map') return refuse('"vars" is not a map', node.place);
  const vars = new Map<string, readonly Scalar[]>();
  for (const { key, value, place } of node.entries) {
    const values = value.kind === 'list' ? value.items : [value];
    const plain = values.flatMap((item) => (item.kind === 'scalar' ? [item.value] : []));
    if (plain.length === values.length) vars.set(key, plain);
    else notes.push({ ...place, note: `the variable "${key}" holds more than texts and numbers and has no effect` });
  }
  return vars;
}

class ItemReader {
  private readonly file: string;
  private count = 0;

  constructor(file: string) {
    this.file = file;
  }

  list(params: Params, key: string, depth: number): ProcessingItem[] {
    const nodes = params.list(key);
    if (depth > DEEPEST) refuse(`transformations are nested deeper than ${DEEPEST}`, params.place);
    return nodes.map((node, index) => this.item(node, `the transformation ${index + 1}`, depth));
  }

  private item(node: YamlNode, what: string, depth: number): ProcessingItem {
    const params = new Params(node, what);
    if (++this.count > MAX_ITEMS) refuse(`more than ${MAX_ITEMS} transformations`, params.place);
    const id = params.optionalText('id');
    const type = params.text('type');
    const rules = readGroup(params, 'rule', RULE_CONDITIONS);
    const items = readGroup(params, 'detection_item', ITEM_CONDITIONS);
    const fields = readGroup(params, 'field_name', FIELD_CONDITIONS);
    const transform = this.transform(type, params, depth);
    params.done();
    return {
      id,
      type,
      file: this.file,
      place: params.place,
      matchesRule: (draft) => rules((condition) => condition(draft)),
      matchesItem: (item, draft) => items((condition) => condition(item, draft)) && fields((condition) => condition.item(item, draft)),
      matchesField: (field, draft) => fields((condition) => condition.name(field, draft)),
      transform,
    };
  }

  private transform(type: string, params: Params, depth: number): Transform {
    if (type === 'nest') {
      params.required('items');
      const items = this.list(params, 'items', depth + 1);
      return (draft) => applyItems(items, draft);
    }
    const read = TRANSFORMATIONS.get(type);
    if (read === undefined) return refuse(`the transformation type "${type}" is not known`, params.node('type')?.place ?? params.place);
    return read(params);
  }
}
