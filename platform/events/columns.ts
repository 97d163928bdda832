/**
 * The ECS fields that get a column of their own: what people search and group on. Everything else is reached inside the event's
 * JSON. `many`: the event holds a list; the column holds its items between U+001F, so that one scan answers.
 */
export type ColumnType = 'keyword' | 'text' | 'number' | 'date' | 'ip';

export interface Column {
  /** ECS dotted name. */
  readonly field: string;
  /** Name in the database. */
  readonly column: string;
  readonly type: ColumnType;
  readonly many: boolean;
  readonly path: readonly string[];
}

const keyword =
  'event.module event.code event.provider event.dataset event.action event.outcome agent.id agent.name ' +
  'host.name host.os.type user.name user.domain user.id user.target.name process.name process.executable process.command_line ' +
  'process.entity_id process.parent.name process.parent.executable process.parent.command_line url.original url.path ' +
  'http.request.method user_agent.original file.path dll.path registry.path dns.question.name service.name ' +
  'log.file.path winlog.channel winlog.provider_name winlog.computer_name';
const number = 'process.pid process.parent.pid source.port destination.port http.response.status_code winlog.event_id winlog.record_id';

function column(field: string, type: ColumnType, many = false): Column {
  return { field, column: `f_${field.replaceAll('.', '_')}`, type, many, path: field.split('.') };
}

export const COLUMNS: readonly Column[] = [
  { ...column('@timestamp', 'date'), column: 'ts' },
  { ...column('event.id', 'keyword'), column: 'id' },
  { ...column('organization.id', 'keyword'), column: 'agency' },
  { ...column('event.original', 'text'), column: 'original' },
  { ...column('message', 'text'), column: 'message' },
  column('event.created', 'date'),
  column('event.ingested', 'date'),
  ...keyword.split(' ').map((field) => column(field, 'keyword')),
  ...number.split(' ').map((field) => column(field, 'number')),
  column('source.ip', 'ip'),
  column('destination.ip', 'ip'),
  column('host.ip', 'ip', true),
  column('event.category', 'keyword', true),
  column('event.type', 'keyword', true),
  column('tags', 'keyword', true),
];

const byField = new Map(COLUMNS.map((each) => [each.field, each]));

export function columnOf(field: string): Column | undefined {
  return byField.get(field);
}

/** Separates the items of a `many` column; removed from the items themselves. */
export const ITEM_SEPARATOR = '\u001f';
