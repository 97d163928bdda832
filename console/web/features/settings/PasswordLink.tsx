import type { ReactNode } from 'react';
import type { UserLink, UserView } from '@vong/platform/identity';
import { formatTime } from '../../ui/format.ts';
import { Once } from './Once.tsx';
import { useWords } from './words.ts';

/** The link a person sets their password with. */
export function PasswordLink({ person, link }: { person: UserView; link: UserLink }): ReactNode {
  const t = useWords();
  return (
    <Once
      title={t('person.link.title', { name: person.displayName })}
      text={t('person.link.text', { time: formatTime(link.expiresAt, 'minutes') })}
      secret={new URL(link.path, window.location.origin).href}
    />
  );
}
