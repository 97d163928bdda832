/** Searches that people keep for their agency. Their owner or an administrator removes them; both are audited. */
import { systemClock, type Clock } from '../clock/index.ts';
import { recordAudit } from '../identity/audit.ts';
import type { Scope } from '../identity/scope.ts';
import { reaches } from '../identity/scope.ts';
import { randomId } from '../ids/index.ts';
import type { State } from '../state/contract.ts';
import type { SavedSearchCreate, SavedSearchView } from './contracts.ts';
import { eventsError } from './errors.ts';
import { parseKql } from './kql/index.ts';
import type { SavedSearchTables } from './schema.ts';

export interface SavedSearches {
  list(scope: Scope): Promise<SavedSearchView[]>;
  /** @throws EVENTS_KQL_SYNTAX, EVENTS_AGENCY_UNKNOWN */
  create(by: Caller, search: SavedSearchCreate): Promise<SavedSearchView>;
  /** @throws EVENTS_SAVED_SEARCH_NOT_FOUND, EVENTS_SAVED_SEARCH_NOT_YOURS */
  remove(by: Caller, id: string): Promise<void>;
}

/** Who asks, and from which address. */
export interface Caller {
  readonly scope: Scope;
  readonly from: string;
}

type Row = SavedSearchTables['saved_searches'];

export function createSavedSearches(state: State, clock: Clock = systemClock): SavedSearches {
  return {
    list: async (scope) => {
      const rows = await state
        .as<SavedSearchTables>(scope)
        .selectFrom('saved_searches')
        .selectAll()
        .orderBy('name')
        .orderBy('id')
        .limit(1000)
        .execute();
      return rows.map(view);
    },
    create: async ({ scope, from }, { agency = scope.agency, name, query, columns }) => {
      parseKql(query);
      if (!reaches(scope, agency)) throw eventsError('EVENTS_AGENCY_UNKNOWN', { agency });
      const { id: owner_id, name: owner_name } = scope.actor;
      const row: Row = {
        id: randomId(),
        agency,
        name,
        query,
        columns: JSON.stringify(columns),
        owner_id,
        owner_name,
        created_at: clock.now(),
      };
      await state.transaction<SavedSearchTables, void>(scope, async (trx) => {
        await trx.insertInto('saved_searches').values(row).execute();
        await recordAudit(trx, {
          scope,
          action: 'saved_search.create',
          target: row.id,
          agency,
          details: { name, query },
          from,
          at: clock.now(),
        });
      });
      return view(row);
    },
    remove: async ({ scope, from }, id) => {
      await state.transaction<SavedSearchTables, void>(scope, async (trx) => {
        const row = await trx.selectFrom('saved_searches').selectAll().where('id', '=', id).executeTakeFirst();
        if (row === undefined) throw eventsError('EVENTS_SAVED_SEARCH_NOT_FOUND', { id });
        if (row.owner_id !== scope.actor.id && scope.role !== 'administrator') throw eventsError('EVENTS_SAVED_SEARCH_NOT_YOURS', { id });
        await trx.deleteFrom('saved_searches').where('id', '=', id).execute();
        const details = { name: row.name, query: row.query };
        await recordAudit(trx, { scope, action: 'saved_search.delete', target: id, agency: row.agency, details, from, at: clock.now() });
      });
    },
  };
}

function view(row: Row): SavedSearchView {
  // oxlint-disable-next-line no-unsafe-type-assertion -- checked by what produced it
  const columns = JSON.parse(row.columns) as string[];
  const owner = { id: row.owner_id, name: row.owner_name };
  return { id: row.id, agency: row.agency, name: row.name, query: row.query, columns, owner, createdAt: row.created_at };
}
