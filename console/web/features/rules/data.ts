/** The rules' data: pages from the server, changes shown at once and taken back when they fail. */
import { queryOptions, useInfiniteQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import type { RuleDetail, RuleFailure, RuleSummary } from '@vong/engine/contracts';
import { api } from '../../client/api.ts';
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

export function useRules({ rule: _rule, ...view }: RulesView) {
  return useInfiniteQuery({
    queryKey: [...LIST, rulesQuery(view)],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      api.get<RulePage>('/api/rules', { signal, query: { ...rulesQuery(view), cursor: pageParam, limit: PAGE } }),
    getNextPageParam: (page) => page.next,
  });
}

export function ruleQuery(id: string) {
  return queryOptions({
    queryKey: [...DETAIL, id],
    queryFn: ({ signal }) => api.get<RuleDetail>(`/api/rules/${encodeURIComponent(id)}`, { signal }),
  });
}

export const failuresQuery = queryOptions({
  queryKey: ['rules', 'failures'],
  queryFn: async ({ signal }) => (await api.get<{ items: RuleFailure[] }>('/api/rules/failures', { signal })).items,
});

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
