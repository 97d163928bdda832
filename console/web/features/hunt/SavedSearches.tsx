import { useState, type ReactNode } from 'react';
import { ActionIcon, Button, Popover, TextInput } from '@mantine/core';
import { IconBookmark, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { SavedSearchView } from '@vong/platform/events';
import { api } from '../../client/api.ts';
import { mayAdminister, useMe } from '../../client/session.ts';
import { useView } from '../../client/view.ts';
import { toasts } from '../../ui/toasts.ts';
import css from './query.module.css';
import { columnsOf, DEFAULT_COLUMNS, type HuntView } from './view.ts';
import { useWords } from './words.ts';

const KEY = ['saved-searches'];
type NewSearch = Pick<SavedSearchView, 'name' | 'query' | 'columns'> & { agency?: string };

/** Searches kept under a name, for everyone of the agency. */
export function SavedSearches({ query }: { query: string }): ReactNode {
  const t = useWords();
  const [open, setOpen] = useState(false);
  const [view, change] = useView<HuntView>();
  const list = useQuery({
    queryKey: KEY,
    enabled: open,
    queryFn: ({ signal }) => api.get<{ items: SavedSearchView[] }>('/api/saved-searches', { signal }),
  });
  const { save, remove } = useKeeping();
  const items = list.data?.items ?? [];
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={420} trapFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<IconBookmark size={14} />} onClick={() => setOpen(!open)} aria-expanded={open}>
          {t('saved.menu')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={8}>
        <SaveForm
          onSave={(name) => {
            setOpen(false);
            void save({ name, query, columns: [...columnsOf(view)] });
          }}
        />
        {list.isSuccess && items.length === 0 && <p className={css.none}>{t('saved.none')}</p>}
        <div className={css.saved}>
          {items.map((search) => (
            <SavedLine
              key={search.id}
              search={search}
              onOpen={() => {
                setOpen(false);
                const columns = columnsOf({ columns: search.columns.join(',') });
                change({ q: search.query, columns: columns === DEFAULT_COLUMNS ? undefined : columns.join(','), event: undefined });
              }}
              onRemove={() => void remove(search)}
            />
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

function useKeeping(): { save: (search: NewSearch) => Promise<void>; remove: (search: SavedSearchView) => Promise<void> } {
  const t = useWords();
  const client = useQueryClient();
  const again = (): void => void client.invalidateQueries({ queryKey: KEY });
  const failed = (error: unknown): void =>
    toasts.failed(t('saved.failed', { reason: error instanceof Error ? error.message : String(error) }));
  const save = async (search: NewSearch): Promise<void> => {
    try {
      await api.post('/api/saved-searches', search);
      toasts.done(t('saved.done', { name: search.name }));
    } catch (error) {
      failed(error);
    }
    again();
  };
  const remove = async ({ id, name, query, columns, agency }: SavedSearchView): Promise<void> => {
    try {
      await api.delete(`/api/saved-searches/${encodeURIComponent(id)}`);
      toasts.done(t('saved.removed', { name }), () => void save({ name, query, columns, agency }));
    } catch (error) {
      failed(error);
    }
    again();
  };
  return { save, remove };
}

function SaveForm({ onSave }: { onSave: (name: string) => void }): ReactNode {
  const t = useWords();
  const [name, setName] = useState('');
  return (
    <form
      className={css.saving}
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '') onSave(name.trim());
      }}
    >
      <TextInput
        placeholder={t('saved.name')}
        aria-label={t('saved.name')}
        value={name}
        maxLength={200}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" disabled={name.trim() === ''}>
        {t('saved.save')}
      </Button>
    </form>
  );
}

function SavedLine({ search, onOpen, onRemove }: { search: SavedSearchView; onOpen: () => void; onRemove: () => void }): ReactNode {
  const t = useWords();
  const me = useMe();
  return (
    <div className={css.savedLine}>
      <button type="button" className={css.savedOpen} onClick={onOpen} title={search.query}>
        <span className="cut">
          {search.name} <span className="dim">{search.owner.name}</span>
        </span>
        <span className="mono dim cut">{search.query === '' ? t('saved.all') : search.query}</span>
      </button>
      {(search.owner.id === me.id || mayAdminister(me)) && (
        <ActionIcon
          size={24}
          onClick={onRemove}
          aria-label={t('saved.remove', { name: search.name })}
          title={t('saved.remove', { name: search.name })}
        >
          <IconTrash size={14} />
        </ActionIcon>
      )}
    </div>
  );
}
