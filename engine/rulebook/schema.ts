/**
 * The rulebook's tables. Rules are national: one set for every agency, changed only from the root of the tree. What rules found, and
 * the values they are given, belong to an agency.
 */
import type { ChangeTables } from '@vong/platform/live';
import type { StateModule } from '@vong/platform/state';
import { addKind, addParsed, createNodes, createRules, createRunning } from './tables.ts';

export interface RuleRow {
  id: string;
  /** `filter`: a Sigma filter, which narrows rules and matches nothing itself. */
  kind: 'rule' | 'filter' | 'correlation';
  title: string;
  level: string;
  status: string;
  product: string | null;
  service: string | null;
  category: string | null;
  /** JSON array. */
  tags: string;
  enabled: number;
  /** Pack or file the rule came from. */
  origin: string;
  /** SHA-256 of the YAML, 12 hex digits. */
  version: string;
  yaml: string;
  /** What was parsed of the YAML (`encodeParsed`): its own document, and all correlations of the file. Null where the YAML must be read. */
  parsed: string | null;
  /** `PARSED_FORMAT` of the version that looked at the YAML last; 0: none has. */
  parsed_format: number;
  /** Names of the placeholders in its values: JSON array. */
  placeholders: string;
  /** Why the engine switched it off, if it did. */
  fault: string | null;
  updated_at: number;
}

/** What the detectors said of the rules they were given last; a rule they were not given has no row. */
export interface RunningRow {
  rule_id: string;
  version: string;
  state: 'in_use' | 'faulty' | 'no_logsource' | 'needs_values';
  reason: string | null;
  /** Since when every detector thread uses this version. */
  since: number;
}

/** Values an agency gives for one placeholder. */
export interface ValuesRow {
  name: string;
  agency: string;
  /** JSON array of texts. */
  entries: string;
  /** 1: instead of the values from above; 0: besides them. */
  replaces: number;
  updated_at: number;
  updated_by: string;
}

export interface RuleTables extends ChangeTables {
  rules: RuleRow;
  rule_failures: { file: string; line: number | null; column: number | null; code: string; reason: string; at: number };
  rule_hits: { rule_id: string; agency: string; hour: number; matches: number };
  /** Since the rule was first seen to match in the agency. */
  rule_totals: { rule_id: string; agency: string; matches: number; last_at: number };
  rule_running: RunningRow;
  /** What the detectors of each process run: a hash of all ids and versions, since when, and when the process was heard of last. */
  rule_nodes: { instance: string; fingerprint: string; since: number; seen_at: number };
  /** Nanoseconds an event costs on average, and the share of what all rules cost. */
  rule_costs: { rule_id: string; ns: number; share: number; at: number };
  /** Versions that a newer one has replaced. */
  rule_versions: { rule_id: string; version: string; yaml: string; until: number };
  rule_values: ValuesRow;
  /** The tree, which `platform/identity` keeps: read here, never written. */
  agencies: { agency: string; path: string };
}

export const rulebookModule: StateModule = {
  name: 'rulebook',
  scoped: ['rule_hits', 'rule_totals', 'rule_values'],
  migrations: {
    '2026-11-22-rulebook-01': { up: createRules },
    '2026-11-22-rulebook-02': { up: createRunning },
    '2026-11-22-rulebook-03': { up: addKind },
    '2026-11-22-rulebook-04': { up: addParsed },
    '2026-11-22-rulebook-05': { up: createNodes },
  },
};
