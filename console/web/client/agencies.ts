/** The tree of agencies in the person's reach. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import type { AgencyView } from '@vong/platform/identity';
import { api } from './api.ts';

export type { AgencyView };

export const agenciesQuery = queryOptions({
  queryKey: ['agencies'],
  staleTime: 300_000,
  queryFn: async ({ signal }): Promise<readonly AgencyView[]> => {
    const answer = await api.get<{ items: AgencyView[] } | AgencyView[]>('/api/agencies', { signal });
    return Array.isArray(answer) ? answer : answer.items;
  },
});

const NONE: readonly AgencyView[] = [];

export function useAgencies(): readonly AgencyView[] {
  return useQuery(agenciesQuery).data ?? NONE;
}

/** Depth-first, children by name: the order a tree is read in. Agencies whose parent is out of reach are roots. */
export function inTreeOrder(agencies: readonly AgencyView[], language: 'vi' | 'en'): { agency: AgencyView; depth: number }[] {
  const known = new Set(agencies.map((agency) => agency.code));
  const children = Map.groupBy(agencies, (agency) => (agency.parent !== null && known.has(agency.parent) ? agency.parent : ''));
  const collator = new Intl.Collator(language);
  const ordered: { agency: AgencyView; depth: number }[] = [];
  const visit = (parent: string, depth: number): void => {
    const here = [...(children.get(parent) ?? [])].sort((a, b) => collator.compare(a.name[language], b.name[language]));
    for (const agency of here) {
      ordered.push({ agency, depth });
      visit(agency.code, depth + 1);
    }
  };
  visit('', 0);
  return ordered;
}

/** Name of an agency in the language; its code when it is not known here. */
export function agencyName(agencies: readonly AgencyView[], code: string, language: 'vi' | 'en'): string {
  return agencies.find((agency) => agency.code === code)?.name[language] ?? code;
}
