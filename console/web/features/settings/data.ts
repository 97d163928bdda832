/** What the settings ask the server for. */
import { queryOptions, useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import type { KeyView, UserView } from '@vong/platform/identity';
import { api } from '../../client/api.ts';
import { toasts } from '../../ui/toasts.ts';
import { useWords } from './words.ts';

export interface OwnSession {
  id: string;
  createdAt: number;
  seenAt: number;
  from: string;
  program: string;
  current: boolean;
}

const listOf = <Item>(path: string, key: string) =>
  queryOptions({
    queryKey: [key],
    queryFn: async ({ signal }) => (await api.get<{ items: Item[] }>(path, { signal })).items,
  });

export const sessionsQuery = listOf<OwnSession>('/api/sessions', 'sessions');
export const peopleQuery = listOf<UserView>('/api/users', 'people');
export const keysQuery = listOf<KeyView>('/api/keys', 'keys');

interface Change<Input, Answer> {
  readonly run: (input: Input) => Promise<Answer>;
  /** Queries that are old afterwards. */
  readonly marks: readonly string[];
  readonly done?: (answer: Answer, input: Input) => void;
}

/** A change whose failure is said in a toast. */
export function useChange<Input, Answer>({ run, marks, done }: Change<Input, Answer>): UseMutationResult<Answer, Error, Input> {
  const t = useWords();
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: async (answer, input) => {
      await Promise.all(marks.map((mark) => client.invalidateQueries({ queryKey: [mark] })));
      done?.(answer, input);
    },
    onError: (error) => toasts.failed(t('failed', { message: error.message })),
  });
}
