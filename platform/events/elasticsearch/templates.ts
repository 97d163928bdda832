/**
 * The mapping: ECS fields with their own types for whoever looks with other tools, and beside them, under `find`, what our queries
 * ask. The fields are fixed: an event brings none of its own, so no mapping can grow.
 */
import { COLUMNS, type Column } from '../columns.ts';
import { eventsError } from '../errors.ts';
import { ElasticFailure, type Elastic } from './client.ts';
import type { Settings } from './options.ts';

/** Raised with every change of the mapping; a newer one in the cluster is left alone. */
const VERSION = 1;
/** Fields over which the raw values of all names are spread by a hash of the name, so that each holds few names of an event. */
export const SLOTS = 64;

type Mapping = Readonly<Record<string, unknown>>;

const DATE: Mapping = { type: 'date', format: 'epoch_millis' };
/** Found through `find.terms`; kept in columns for counting and for other tools. */
const COUNTED: Mapping = { type: 'keyword', index: false };
const LOOKED_UP: Mapping = { type: 'keyword' };
/** Terms that are only looked up. */
const TERMS: Mapping = { type: 'keyword', doc_values: false };
/** Parts of a text, made by `grams.ts`, between blanks. */
const GRAMS: Mapping = { type: 'text', analyzer: 'whitespace', index_options: 'docs', norms: false };

/** The type of an ECS field in the index; undefined for texts, which are found under `find`. */
export function ecsMapping(column: Column): Mapping | undefined {
  if (column.field === 'organization.id' || column.field === 'event.id') return LOOKED_UP;
  if (column.type === 'keyword') return COUNTED;
  if (column.type === 'number') return { type: 'long' };
  if (column.type === 'date') return DATE;
  return column.type === 'ip' ? { type: 'ip', ignore_malformed: true } : undefined;
}

export function ecsProperties(): Mapping {
  const root: Record<string, unknown> = {};
  for (const column of COLUMNS) {
    const mapping = ecsMapping(column);
    if (mapping === undefined) continue;
    let at = root;
    for (const key of column.path.slice(0, -1)) at = inner(at, key);
    at[column.path.at(-1) ?? ''] = mapping;
  }
  return root;
}

function inner(at: Record<string, unknown>, key: string): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  const object = (at[key] ??= { properties: made });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made two lines above, for this key or an earlier column's
  return (object as { properties: Record<string, unknown> }).properties;
}

function findProperties(): Mapping {
  const slots = Array.from({ length: SLOTS }, (_, slot) => [`v${slot}`, { type: 'keyword', index: false }] as const);
  const text = { type: 'keyword', index: false };
  return {
    names: TERMS,
    terms: TERMS,
    numbers: TERMS,
    addresses: TERMS,
    long: TERMS,
    original: GRAMS,
    original_text: text,
    original_long: GRAMS,
    message: GRAMS,
    message_text: text,
    message_long: GRAMS,
    ...Object.fromEntries(slots),
  };
}

export function componentTemplates(settings: Settings): Readonly<Record<string, object>> {
  const { replicas, shards } = settings;
  return {
    settings: {
      settings: {
        index: {
          number_of_shards: shards,
          number_of_replicas: replicas,
          codec: 'best_compression',
          // We say when: what is appended is searchable when `append` has answered.
          refresh_interval: '-1',
          max_result_window: 10_000,
        },
      },
    },
    ecs: { mappings: { properties: ecsProperties() } },
    find: {
      mappings: {
        dynamic: false,
        // The record says everything; the rest is made of it.
        _source: { includes: ['record'] },
        properties: { find: { properties: findProperties() }, record: { type: 'keyword', index: false, doc_values: false } },
      },
    },
  };
}

/** Names of all our templates, and the version they have when this program put them. */
export function wantedTemplates(settings: Settings): { readonly names: readonly string[]; readonly version: number } {
  const names = [...Object.keys(componentTemplates(settings)), 'events', 'store'].map((name) => `${settings.prefix}-${name}`);
  return { names, version: VERSION };
}

/** @throws EVENTS_STORE_TEMPLATES; ElasticFailure where the cluster can not be reached */
export async function putTemplates(elastic: Elastic, settings: Settings): Promise<void> {
  const { prefix } = settings;
  try {
    if ((await versionOf(elastic, `${prefix}-events`)) > VERSION) return;
    const parts = Object.entries(componentTemplates(settings));
    for (const [name, template] of parts) {
      await elastic.request({
        method: 'PUT',
        path: `/_component_template/${prefix}-${name}`,
        body: { version: VERSION, template, _meta: { description: 'events of Vọng Gác' } },
      });
    }
    await elastic.request({
      method: 'PUT',
      path: `/_index_template/${prefix}-events`,
      body: {
        index_patterns: [`${prefix}-events-*`],
        composed_of: parts.map(([name]) => `${prefix}-${name}`),
        priority: 500,
        version: VERSION,
        _meta: { description: 'events of Vọng Gác' },
      },
    });
    await elastic.request({ method: 'PUT', path: `/_index_template/${prefix}-store`, body: bookkeeping(settings) });
  } catch (error) {
    if (error instanceof ElasticFailure && !error.passing) throw eventsError('EVENTS_STORE_TEMPLATES', { reason: error.message });
    throw error;
  }
}

/** Offsets, the classes of agencies, and rejected documents. */
function bookkeeping({ prefix, replicas }: Settings): object {
  return {
    index_patterns: [`${prefix}-offsets`, `${prefix}-classes`, `${prefix}-rejected`],
    priority: 500,
    version: VERSION,
    template: {
      settings: { index: { number_of_shards: 1, number_of_replicas: replicas } },
      mappings: {
        dynamic: false,
        properties: {
          at: DATE,
          partition: { type: 'integer' },
          offset: { type: 'long' },
          class: { type: 'keyword' },
          event: { type: 'keyword' },
        },
      },
    },
  };
}

async function versionOf(elastic: Elastic, name: string): Promise<number> {
  try {
    const found = await elastic.request<{ index_templates: readonly { index_template: { version?: number } }[] }>({
      method: 'GET',
      path: `/_index_template/${name}`,
    });
    return found.index_templates[0]?.index_template.version ?? 0;
  } catch (error) {
    if (error instanceof ElasticFailure && error.status === 404) return 0;
    throw error;
  }
}
