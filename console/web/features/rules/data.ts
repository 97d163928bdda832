/** The rules' data: pages from the server, changes shown at once and taken back when they fail. */
import { queryOptions, useInfiniteQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import type { PlaceholderView, RuleDetail, RuleFailure, RuleSummary } from '@vong/engine/contracts';
import { useEffect, useRef } from 'react';
import { api } from '../../client/api.ts';
import { useLiveChanges } from '../../client/live-react.ts';
import { toasts } from '../../ui/toasts.ts';
import { rulesQuery, withEnabled, type RulesView } from './view.ts';
import { useWords } from './words.ts';

interface RulePage {
  items: RuleSummary[];
  next?: string;
  total: number;
}

const PAGE = 200;
const LIST = ['rules', 'list'] as const;
const DETAIL = ['rules', 'detail'] as const;

const SOON_MS = 250;
/** Matches and costs grow all the time. */
const FIGURES_MS = 30_000;

/** Reads what is on screen anew when somebody, or a detector, changed a rule. Changes come in flocks: they are one. */
export function useLiveRules(): void {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useLiveChanges('rule', () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void client.invalidateQueries({ queryKey: ['rules'] }), SOON_MS);
  });
}

export function useRules(view: RulesView) {
  return useInfiniteQuery({
    queryKey: [...LIST, rulesQuery(view)],
    refetchInterval: FIGURES_MS,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      api.get<RulePage>('/api/rules', { signal, query: { ...rulesQuery(view), cursor: pageParam, limit: PAGE } }),
    getNextPageParam: (page) => page.next,
  });
}

export function ruleQuery(id: string) {
  return queryOptions({
    queryKey: [...DETAIL, id],
    refetchInterval: FIGURES_MS,
    queryFn: ({ signal }) => api.get<RuleDetail>(`/api/rules/${encodeURIComponent(id)}`, { signal }),
  });
}

export const failuresQuery = queryOptions({
  queryKey: ['rules', 'failures'],
  queryFn: async ({ signal }) => (await api.get<{ items: RuleFailure[] }>('/api/rules/failures', { signal })).items,
});

interface AgencyPlaceholders {
  readonly agency: string;
  readonly items: PlaceholderView[];
}

/** Placeholders as the agency sees them; as the person's own agency does where none is chosen. */
export function placeholdersQuery(agency: string | undefined) {
  return queryOptions({
    queryKey: ['rules', 'placeholders', agency ?? ''],
    queryFn: ({ signal }) => api.get<AgencyPlaceholders>('/api/placeholders', { signal, query: { agency } }),
  });
}

export interface GivenValues {
  readonly values: readonly string[];
  readonly replaces: boolean;
}

/** Gives an agency's values for a placeholder, or takes them back; with Undo. */
export function useGiveValues(): (place: { agency: string; view: PlaceholderView }, given: GivenValues | undefined) => Promise<void> {
  const t = useWords();
  const client = useQueryClient();
  const send = async (agency: string, name: string, given: GivenValues | undefined): Promise<void> => {
    const path = `/api/placeholders/${encodeURIComponent(name)}`;
    if (given === undefined) await api.delete(path, { query: { agency } });
    else await api.put(path, { agency, ...given });
    await client.invalidateQueries({ queryKey: ['rules'] });
  };
  const failed = (error: unknown): void =>
    toasts.failed(t('failed.change', { message: error instanceof Error ? error.message : String(error) }));
  return async ({ agency, view: { name, own } }, given) => {
    try {
      await send(agency, name, given);
      const before = own === undefined ? undefined : { values: own.values, replaces: own.replaces };
      toasts.done(t(given === undefined ? 'values.taken' : 'values.saved', { name }), () => void send(agency, name, before).catch(failed));
    } catch (error) {
      failed(error);
    }
  };
}

/** Switches rules on or off: at once on the screen, then at the server, with Undo for those that were changed. */
export function useSwitchRules(): (rules: readonly RuleSummary[], enabled: boolean) => void {
  const t = useWords();
  const client = useQueryClient();
  const show = (ids: ReadonlySet<string>, enabled: boolean): void => {
    client.setQueriesData<InfiniteData<RulePage>>({ queryKey: LIST }, (list) => {
      if (!list) return list;
      const pages = list.pages.map((page) => ({ ...page, items: page.items.map((rule) => withEnabled(rule, ids, enabled)) }));
      return { ...list, pages };
    });
    client.setQueriesData<RuleDetail>({ queryKey: DETAIL }, (rule) => rule && withEnabled(rule, ids, enabled));
  };
  const apply = async (ids: readonly string[], enabled: boolean, undoable: boolean): Promise<void> => {
    if (ids.length === 0) return;
    const set = new Set(ids);
    show(set, enabled);
    try {
      await api.post('/api/rules/bulk', { ids, enabled });
      const text = t(enabled ? 'done.on' : 'done.off', { count: ids.length });
      toasts.done(text, undoable ? () => void apply(ids, !enabled, false) : undefined);
      // The list on screen keeps the rows that no longer match, so that Undo finds them; other lists are read anew.
      void client.invalidateQueries({ queryKey: LIST, refetchType: 'none' });
      void client.invalidateQueries({ queryKey: ['rules', 'enabled'] });
    } catch (error) {
      show(set, !enabled);
      toasts.failed(t('failed.change', { message: error instanceof Error ? error.message : String(error) }));
    }
  };
  return (rules, enabled) => {
    const ids = rules.filter((rule) => rule.enabled !== enabled).map(({ id }) => id);
    void apply(ids, enabled, true);
  };
}
