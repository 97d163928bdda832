import { use, useState, type ReactNode } from 'react';
import { Menu } from '@mantine/core';
import { IconChartBar, IconCopy, IconFilter, IconFilterOff, IconPlus, IconTimelineEvent, IconZoomScan } from '@tabler/icons-react';
import { copyText } from './copy.ts';
import { PivotContext } from './pivot.ts';
import css from './values.module.css';
import { useWords } from './words/index.ts';

const stop = (event: { stopPropagation: () => void }): void => event.stopPropagation();

interface PivotProps {
  /** ECS name, or the name the page filters by. */
  field: string;
  value: string;
  /** How it is shown; the value itself when absent. */
  children?: ReactNode;
}

/** A value with the menu of everything one can do with it: by click, or `.` and Enter on the keyboard. */
export function PivotValue({ field, value, children }: PivotProps): ReactNode {
  const t = useWords();
  const [open, setOpen] = useState(false);
  const button = (
    <button
      type="button"
      className={css.pivot}
      aria-label={t('pivot.open', { value })}
      aria-haspopup="menu"
      onClick={(event) => {
        event.stopPropagation();
        setOpen(true);
      }}
      onDoubleClick={stop}
      onKeyDown={(event) => {
        if (event.key === '.') setOpen(true);
        if (event.key === 'Enter' || event.key === ' ' || event.key === '.') event.stopPropagation();
      }}
    >
      {children ?? value}
    </button>
  );
  // A screen holds a hundred values and one menu: it is made when it is asked for.
  if (!open) return button;
  return (
    <Menu opened onChange={setOpen} position="bottom-start" withinPortal>
      <Menu.Target>{button}</Menu.Target>
      <PivotMenu field={field} value={value} />
    </Menu>
  );
}

function PivotMenu({ field, value }: { field: string; value: string }): ReactNode {
  const t = useWords();
  const { only, without, search, add, group, timeline } = use(PivotContext);
  return (
    <Menu.Dropdown onClick={stop} onDoubleClick={stop}>
      {only && (
        <Menu.Item leftSection={<IconFilter size={16} />} onClick={() => only(field, value)}>
          {t('pivot.only')}
        </Menu.Item>
      )}
      {without && (
        <Menu.Item leftSection={<IconFilterOff size={16} />} onClick={() => without(field, value)}>
          {t('pivot.without')}
        </Menu.Item>
      )}
      {search && (
        <Menu.Item leftSection={<IconZoomScan size={16} />} onClick={() => search(field, value)}>
          {t('pivot.search')}
        </Menu.Item>
      )}
      {add && (
        <Menu.Item leftSection={<IconPlus size={16} />} onClick={() => add(field, value)}>
          {t('pivot.add')}
        </Menu.Item>
      )}
      {group && (
        <Menu.Item leftSection={<IconChartBar size={16} />} onClick={() => group(field)}>
          {t('pivot.group', { field })}
        </Menu.Item>
      )}
      {timeline && (
        <Menu.Item leftSection={<IconTimelineEvent size={16} />} onClick={() => timeline(field, value)}>
          {t('pivot.timeline')}
        </Menu.Item>
      )}
      <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => void copyText(value)}>
        {t('copy')}
      </Menu.Item>
    </Menu.Dropdown>
  );
}
