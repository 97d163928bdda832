/** What the console and programs send to search, and what saved searches look like. */
import { Type, type Static } from 'typebox';
import { FIELD_NAME_MAX, KQL_MAX_LENGTH, SEARCH_MAX } from './bounds.ts';

const aggregable = {
  q: Type.Optional(Type.String({ maxLength: KQL_MAX_LENGTH })),
  from: Type.Optional(Type.Integer()),
  to: Type.Optional(Type.Integer()),
  agency: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
};

export const EventSearchQuery = Type.Object({
  ...aggregable,
  cursor: Type.Optional(Type.String({ maxLength: 2048 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: SEARCH_MAX })),
  order: Type.Optional(Type.Union([Type.Literal('newest'), Type.Literal('oldest')])),
});
export type EventSearchQuery = Static<typeof EventSearchQuery>;

export const EventHistogramQuery = Type.Object({ ...aggregable, buckets: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })) });

export const EventFieldsQuery = Type.Object(aggregable);
export type EventFieldsQuery = Static<typeof EventFieldsQuery>;

export const EventValuesQuery = Type.Object({ ...aggregable, limit: Type.Optional(Type.Integer({ minimum: 1, maximum: SEARCH_MAX })) });

export const FieldName = Type.Object({ name: Type.String({ minLength: 1, maxLength: FIELD_NAME_MAX }) });

export const EventId = Type.Object({ id: Type.String({ minLength: 1, maxLength: 256 }) });

export const SavedSearchCreate = Type.Object({
  /** Default: the caller's own. */
  agency: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  name: Type.String({ minLength: 1, maxLength: 200 }),
  query: Type.String({ maxLength: KQL_MAX_LENGTH }),
  columns: Type.Array(Type.String({ minLength: 1, maxLength: FIELD_NAME_MAX }), { maxItems: 50 }),
});
export type SavedSearchCreate = Static<typeof SavedSearchCreate>;

export interface SavedSearchView {
  id: string;
  agency: string;
  name: string;
  query: string;
  columns: string[];
  owner: { id: string; name: string };
  createdAt: number;
}
