import { useState, type ReactNode } from 'react';
import { ActionIcon, Popover } from '@mantine/core';
import { IconHelp } from '@tabler/icons-react';
import css from './query.module.css';
import { useWords } from './words.ts';

const EXAMPLES = [
  ['host.name: ws-17', 'help.value'],
  ['process.command_line: "net user"', 'help.phrase'],
  ['process.name: power*', 'help.wild'],
  ['user.name: *', 'help.exists'],
  ['event.code: (4624 or 4625)', 'help.group'],
  ['destination.port >= 1024', 'help.range'],
  ['source.ip: 10.0.0.0/8', 'help.network'],
  ['not (user.name: SYSTEM or user.name: root)', 'help.logic'],
  ['mimikatz', 'help.text'],
] as const;

export function SyntaxHelp({ onExample }: { onExample: (text: string) => void }): ReactNode {
  const t = useWords();
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={620} trapFocus>
      <Popover.Target>
        <ActionIcon size={24} onClick={() => setOpen(!open)} aria-label={t('help.open')} title={t('help.open')} aria-expanded={open}>
          <IconHelp size={16} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown p={12}>
        <table className={css.help}>
          <tbody>
            {EXAMPLES.map(([example, key]) => (
              <tr key={example}>
                <td>
                  <button
                    type="button"
                    className={css.example}
                    onClick={() => {
                      setOpen(false);
                      onExample(example);
                    }}
                  >
                    {example}
                  </button>
                </td>
                <td>{t(key)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <p className="dim" style={{ margin: '8px 0 0' }}>
          {t('help.fold')}
        </p>
      </Popover.Dropdown>
    </Popover>
  );
}
