/**
 * The tree of agencies, and the scopes that follow from it. Scopes are computed from a copy in memory that is dropped on every
 * change made here and on the word of one made by another process; should that be lost, it is re-read after a few seconds.
 */
import type { Transaction } from 'kysely';
import type { Clock } from '../clock/index.ts';
import type { Signals } from '../live/signals.ts';
import type { State } from '../state/contract.ts';
import { recordAudit } from './audit.ts';
import type { By } from './by.ts';
import type { AgencyChange, AgencyCreate, AgencyKind, AgencyView } from './contracts.ts';
import { identityError } from './errors.ts';
import { ROOT_AGENCY, type AgencyRow, type IdentityTables } from './schema.ts';
import { reaches, type Scope } from './scope.ts';

/** Says that the tree has changed. */
export const AGENCIES_SIGNAL = 'agencies';
const FRESH_MS = 5_000;
const MAX_DEPTH = 8;

export interface Agencies {
  /** Agencies in reach, a parent before what is below it. */
  list(scope: Scope): Promise<AgencyView[]>;
  create(by: By, input: AgencyCreate): Promise<AgencyView>;
  change(by: By, code: string, change: AgencyChange): Promise<AgencyView>;
  /** Codes of the agency and of everything below it; 'all' for the root; empty for an unknown code. */
  below(code: string): Promise<'all' | ReadonlySet<string>>;
}

export interface AgenciesDeps {
  readonly state: State;
  readonly clock: Clock;
  readonly signals?: Pick<Signals, 'bump' | 'subscribe'>;
}

export function createAgencies({ state, clock, signals }: AgenciesDeps): Agencies {
  let cached: { tree: Promise<Tree>; at: number } | undefined;
  const tree = (): Promise<Tree> => {
    const now = clock.now();
    if (cached && now - cached.at <= FRESH_MS && now >= cached.at) return cached.tree;
    const reading = { tree: readTree(state), at: now };
    cached = reading;
    reading.tree.catch(() => {
      if (cached === reading) cached = undefined;
    });
    return reading.tree;
  };
  const changed = async (work: (trx: Transaction<IdentityTables>) => Promise<AgencyRow>): Promise<AgencyView> => {
    const row = await state.transaction<IdentityTables, AgencyRow>('system', async (trx) => {
      const made = await work(trx);
      await signals?.bump(trx, AGENCIES_SIGNAL);
      return made;
    });
    cached = undefined;
    return viewOf(row);
  };
  signals?.subscribe(AGENCIES_SIGNAL, () => {
    cached = undefined;
  });
  return {
    async list(scope) {
      const rows = await state.as<IdentityTables>(scope).selectFrom('agencies').selectAll().orderBy('path').execute();
      return rows.map(viewOf);
    },
    create: (by, input) => changed((trx) => insertAgency(trx, { by, input, now: clock.now() })),
    change: (by, code, change) => changed((trx) => updateAgency(trx, { by, code, change, now: clock.now() })),
    async below(code) {
      return code === ROOT_AGENCY ? 'all' : ((await tree()).get(code) ?? new Set());
    },
  };
}

type Tree = ReadonlyMap<string, ReadonlySet<string>>;

async function readTree(state: State): Promise<Tree> {
  const rows = await state.system<IdentityTables>().selectFrom('agencies').select(['agency', 'path']).execute();
  const tree = new Map<string, Set<string>>();
  for (const { agency, path } of rows) {
    for (const above of path.split('/')) tree.set(above, (tree.get(above) ?? new Set()).add(agency));
  }
  return tree;
}

async function insertAgency(
  trx: Transaction<IdentityTables>,
  { by, input, now }: { by: By; input: AgencyCreate; now: number },
): Promise<AgencyRow> {
  const parent = await inReach(trx, by.scope, input.parent);
  const refused = misplaced(input.kind, parent);
  if (refused !== undefined) throw identityError('IDENTITY_AGENCY_PLACE', { reason: refused });
  const taken = await trx.selectFrom('agencies').select('agency').where('agency', '=', input.code).executeTakeFirst();
  if (taken) throw identityError('IDENTITY_AGENCY_TAKEN', { agency: input.code });
  const row: AgencyRow = {
    agency: input.code,
    name_vi: input.nameVi,
    name_en: input.nameEn,
    kind: input.kind,
    parent: parent.agency,
    path: `${parent.path}/${input.code}`,
    created_at: now,
  };
  await trx.insertInto('agencies').values(row).execute();
  const details = { kind: row.kind, parent: row.parent, nameVi: row.name_vi, nameEn: row.name_en };
  await recordAudit(trx, { ...by, at: now, action: 'agency.create', target: row.agency, agency: row.agency, details });
  return row;
}

async function updateAgency(
  trx: Transaction<IdentityTables>,
  { by, code, change, now }: { by: By; code: string; change: AgencyChange; now: number },
): Promise<AgencyRow> {
  const before = await inReach(trx, by.scope, code);
  const row = { ...before, name_vi: change.nameVi ?? before.name_vi, name_en: change.nameEn ?? before.name_en };
  if (change.parent !== undefined && change.parent !== before.parent) {
    const parent = await newParent(trx, { by, before, code: change.parent });
    row.parent = parent.agency;
    row.path = `${parent.path}/${code}`;
    await moveBelow(trx, before, row.path);
  }
  const { name_vi, name_en, parent, path } = row;
  await trx.updateTable('agencies').set({ name_vi, name_en, parent, path }).where('agency', '=', code).execute();
  await recordAudit(trx, { ...by, at: now, action: 'agency.change', target: code, agency: code, details: { ...change } });
  return row;
}

async function newParent(
  trx: Transaction<IdentityTables>,
  { by, before, code }: { by: By; before: AgencyRow; code: string },
): Promise<AgencyRow> {
  const parent = await inReach(trx, by.scope, code);
  // An administrator who moved their own agency would change what they themselves may see.
  if (by.scope.agency === before.agency) throw identityError('IDENTITY_AGENCY_PLACE', { reason: 'it is your own agency' });
  if (parent.path.split('/').includes(before.agency)) {
    throw identityError('IDENTITY_AGENCY_PLACE', { reason: 'the new parent is the agency itself or below it' });
  }
  const refused = misplaced(before.kind, parent);
  if (refused !== undefined) throw identityError('IDENTITY_AGENCY_PLACE', { reason: refused });
  return parent;
}

async function moveBelow(trx: Transaction<IdentityTables>, before: AgencyRow, path: string): Promise<void> {
  const rows = await trx.selectFrom('agencies').select(['agency', 'path']).execute();
  const moved = rows.filter((row) => row.path.startsWith(`${before.path}/`));
  for (const row of moved) {
    const to = path + row.path.slice(before.path.length);
    if (to.split('/').length > MAX_DEPTH) throw identityError('IDENTITY_AGENCY_PLACE', { reason: TOO_DEEP });
    await trx.updateTable('agencies').set({ path: to }).where('agency', '=', row.agency).execute();
  }
}

const TOO_DEEP = `the tree is at most ${MAX_DEPTH} levels deep`;

function misplaced(kind: AgencyKind, parent: AgencyRow): string | undefined {
  if (kind === 'nation') return 'the nation is the root of the tree';
  if (kind !== 'unit' && parent.kind !== 'nation') return `a ${kind} stands directly below the nation`;
  return parent.path.split('/').length >= MAX_DEPTH ? TOO_DEEP : undefined;
}

async function inReach(trx: Transaction<IdentityTables>, scope: Scope, code: string): Promise<AgencyRow> {
  const row = await trx.selectFrom('agencies').selectAll().where('agency', '=', code).executeTakeFirst();
  // The same answer for an agency that is not there and one that is out of reach.
  if (!row || !reaches(scope, code)) throw identityError('IDENTITY_AGENCY_UNKNOWN', { agency: code });
  return row;
}

function viewOf(row: AgencyRow): AgencyView {
  const { agency: code, kind, parent } = row;
  return { code, name: { vi: row.name_vi, en: row.name_en }, kind, parent, path: row.path.split('/') };
}
