/** KQL tree → condition with positional parameters. No value of a query ever becomes part of the SQL text. */
import { columnOf, type Column } from '../columns.ts';
import { fold } from '../fold.ts';
import { plainText, wholeParts, type KqlNode, type Literal, type RangeOperator } from '../kql/ast.ts';
import { addressOf, dateOf, NUMBER_RE2, numberOf } from '../kql/semantics.ts';
import { cidrKeys } from '../ip.ts';
import { pathsOf } from '../values.ts';

export type Parameter = string | number | bigint;

/** Collects parameters; `add` answers the placeholder. */
export class Parameters {
  readonly values: Parameter[] = [];

  text(value: string): string {
    this.values.push(value);
    return `$${this.values.length}::VARCHAR`;
  }

  number(value: number): string {
    this.values.push(value);
    return `$${this.values.length}::DOUBLE`;
  }

  integer(value: number): string {
    this.values.push(BigInt(Math.trunc(value)));
    return `$${this.values.length}::BIGINT`;
  }
}

// oxlint-disable-next-line consistent-return -- the switch is exhaustive; the compiler holds it
export function condition(node: KqlNode, parameters: Parameters): string {
  switch (node.kind) {
    case 'all':
      return 'true';
    case 'and':
    case 'or':
      return `(${node.nodes.map((each) => condition(each, parameters)).join(` ${node.kind} `)})`;
    case 'not':
      return `(not ${condition(node.node, parameters)})`;
    case 'exists':
      return exists(node.field, parameters);
    case 'range':
      return truth(
        valueTest(node.field, parameters, (value, column) =>
          ranged({ value, column, operator: node.operator, bound: node.value }, parameters),
        ),
      );
    case 'match':
      return node.field === undefined ? anywhere(node.value, parameters) : matched(node.field, node.value, parameters);
  }
}

function truth(sql: string): string {
  return `coalesce(${sql}, false)`;
}

/** `%` and `_` of the text itself are escaped with `\`. */
function like(parts: readonly string[], whole: boolean): string {
  const body = parts.map((part) => fold(part).replace(/[\\%_]/g, (char) => `\\${char}`)).join('%');
  return whole ? body : `%${body}%`;
}

function contains(value: string, word: { readonly parts: readonly string[] }, parameters: Parameters): string {
  const [only] = word.parts;
  if (word.parts.length === 1) return `contains(${value}, ${parameters.text(fold(only ?? ''))})`;
  return `(${value} like ${parameters.text(like(word.parts, false))} escape '\\')`;
}

const ORIGINAL = 'coalesce(folded_original, lower(original))';

function anywhere(literal: Literal, parameters: Parameters): string {
  const words = literal.words.map(
    (word) => `(${truth(contains(ORIGINAL, word, parameters))} or ${truth(contains('fold(message)', word, parameters))})`,
  );
  return `(${words.join(' and ')})`;
}

function exists(field: string, parameters: Parameters): string {
  const column = columnOf(field);
  if (column !== undefined) return `(${column.column} is not null)`;
  if (field === 'dns.answers.data') return truth(`len(json_extract(doc, '$.dns.answers[*].data')) > 0`);
  const each = pathsOf(field).map((path) => {
    const at = parameters.text(pointer(path));
    return truth(
      `case when not ${mayHold(path, parameters)} then false else case json_type(doc, ${at}) when 'NULL' then false when 'ARRAY' then json_array_length(doc, ${at}) > 0 ` +
        `when 'OBJECT' then len(json_keys(doc, ${at})) > 0 else json_type(doc, ${at}) is not null end end`,
    );
  });
  return `(${each.join(' or ')})`;
}

/** Cheap test that spares most events the reading of their JSON: the key's text must be in it. Keys that JSON may escape are not tested. */
export function mayHold(path: readonly string[], parameters: Parameters): string {
  const key = path.at(-1) ?? '';
  return /^[\w.-]+$/.test(key) ? `contains(doc, ${parameters.text(`"${key}"`)})` : 'true';
}

/** JSON pointer (RFC 6901) of the keys. */
export function pointer(path: readonly string[]): string {
  return path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

type Test = (value: string, column: Column | undefined) => string;

/** The test over each value the field may have. */
function valueTest(field: string, parameters: Parameters, test: Test): string {
  const column = columnOf(field);
  if (column?.many === true) return `len(list_filter(string_split(${column.column}, chr(31)), lambda v: ${truth(test('v', column))})) > 0`;
  if (column !== undefined) return test(column.column, column);
  if (field === 'dns.answers.data') {
    return `len(list_filter(json_extract_string(doc, '$.dns.answers[*].data'), lambda v: ${truth(test('v', undefined))})) > 0`;
  }
  const each = pathsOf(field).map((path) => atPath(path, parameters, test));
  return `(${each.join(' or ')})`;
}

function atPath(path: readonly string[], parameters: Parameters, test: Test): string {
  const at = parameters.text(pointer(path));
  const items = `list_filter(cast(json_extract(doc, ${at}) as JSON[]), lambda j: json_type(j) not in ('OBJECT', 'ARRAY', 'NULL'))`;
  const many = `len(list_filter(${items}, lambda j: ${truth(test("(j ->> '$')", undefined))})) > 0`;
  const one = test(`json_extract_string(doc, ${at})`, undefined);
  return truth(
    `case when not ${mayHold(path, parameters)} then false else case json_type(doc, ${at}) when 'ARRAY' then ${many} when 'OBJECT' then false when 'NULL' then false else ${one} end end`,
  );
}

function matched(field: string, literal: Literal, parameters: Parameters): string {
  return truth(valueTest(field, parameters, (value, column) => equals(value, column, { literal, parameters })));
}

function equals(value: string, column: Column | undefined, given: { readonly literal: Literal; readonly parameters: Parameters }): string {
  const { literal, parameters } = given;
  const plain = plainText(literal);
  if (column?.type === 'text') {
    const text = column.field === 'event.original' ? ORIGINAL : `fold(${value})`;
    return literal.words.map((word) => contains(text, word, parameters)).join(' and ');
  }
  if (plain !== undefined && column?.type === 'number') {
    const number = numberOf(plain);
    return number === undefined ? 'false' : `${value} = ${parameters.number(number)}`;
  }
  if (plain !== undefined && column?.type === 'date') {
    const date = dateOf(plain);
    return date === undefined ? 'false' : `(${value} >= ${parameters.integer(date.from)} and ${value} < ${parameters.integer(date.to)})`;
  }
  const text = `fold(${column?.type === 'date' ? isoText(value) : `${value}::VARCHAR`})`;
  const same =
    plain === undefined
      ? `${text} like ${parameters.text(like(wholeParts(literal), true))} escape '\\'`
      : `${text} = ${parameters.text(fold(plain))}`;
  const address = plain === undefined ? undefined : addressTest(value, column, { plain, parameters });
  return address === undefined ? same : `(${same} or ${truth(address)})`;
}

function isoText(value: string): string {
  return `strftime(make_timestamp_ms(${value}), '%Y-%m-%dT%H:%M:%S.%gZ')`;
}

function addressTest(
  value: string,
  column: Column | undefined,
  given: { readonly plain: string; readonly parameters: Parameters },
): string | undefined {
  const keys = column === undefined ? cidrKeys(given.plain) : column.type === 'ip' ? addressOf(given.plain) : undefined;
  if (keys === undefined || (column === undefined && !keys[0].startsWith('4'))) return undefined;
  const low = given.parameters.text(keys[0]);
  const high = given.parameters.text(keys[1]);
  return keyed(value, column, (key) => `(${key} >= ${low} and ${key} <= ${high})`);
}

/** Addresses of the address columns have their keys stored beside them; JSON values are understood as IPv4 only. */
function keyed(value: string, column: Column | undefined, test: (key: string) => string): string {
  if (column === undefined) return test(`ip4_key(${value})`);
  if (!column.many) return test(`${column.column}_key`);
  return `len(list_filter(string_split(${column.column}_key, chr(31)), lambda k: ${truth(test('k'))})) > 0`;
}

interface Ranged {
  readonly value: string;
  readonly column: Column | undefined;
  readonly operator: RangeOperator;
  readonly bound: string;
}

function ranged(given: Ranged, parameters: Parameters): string {
  const { value, column, operator, bound } = given;
  if (column?.type === 'date') {
    const date = dateOf(bound);
    if (date === undefined) return 'false';
    return `${value} ${operator} ${parameters.integer(operator === '>' || operator === '<=' ? date.to - 1 : date.from)}`;
  }
  if (column?.type === 'ip') {
    const [key] = addressOf(bound) ?? [];
    if (key === undefined) return 'false';
    const low = parameters.text(key);
    return keyed(value, column, (each) => `${each} ${operator} ${low}`);
  }
  const number = numberOf(bound);
  if (column?.type === 'number') return number === undefined ? 'false' : `${value} ${operator} ${parameters.number(number)}`;
  if (number === undefined) return `fold(${value}) ${operator} ${parameters.text(fold(bound))}`;
  const numeric = `case when regexp_full_match(${value}, '${NUMBER_RE2}') then try_cast(${value} as DOUBLE) end`;
  return `(${numeric}) ${operator} ${parameters.number(number)}`;
}
