import type { ReactNode } from 'react';
import { ActionIcon, Menu } from '@mantine/core';
import { IconDeviceDesktop, IconKeyboard, IconLogout, IconMoon, IconSun, IconUser } from '@tabler/icons-react';
import { api } from '../../client/api.ts';
import { useMe } from '../../client/session.ts';
import { useWords } from '../words.ts';
import { THEMES, usePreferences } from './preferences.ts';

const THEME_ICONS = { light: IconSun, dark: IconMoon, auto: IconDeviceDesktop };

export function PersonMenu({ onKeys }: { onKeys: () => void }): ReactNode {
  const t = useWords();
  const me = useMe();
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon aria-label={t('person.menu', { name: me.displayName })} title={me.displayName}>
          <IconUser size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <div>{me.displayName}</div>
          <div>
            {t(`role.${me.role}`)} · <span className="mono">{me.agency}</span>
          </div>
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={onKeys}>
          {t('keys.list')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={signOut}>
          {t('person.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Loading the page anew leaves nothing of the person in memory. */
function leave(): void {
  window.location.assign('/sign-in');
}

function signOut(): void {
  void api.delete('/api/session').then(leave, leave);
}

/** The three themes, the one in force shown by its icon. */
export function ThemeMenu(): ReactNode {
  const t = useWords();
  const { theme, choose } = usePreferences();
  const Icon = THEME_ICONS[theme];
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t('theme.label')} title={t('theme.label')}>
          <Icon size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {THEMES.map((one) => {
          const ThemeIcon = THEME_ICONS[one];
          return (
            <Menu.Item
              key={one}
              leftSection={<ThemeIcon size={16} />}
              onClick={() => choose({ theme: one })}
              fw={one === theme ? 600 : 400}
            >
              {t(`theme.${one}`)}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
