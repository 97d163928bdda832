import { useEffect, useState, type ReactNode } from 'react';
import { TextInput } from '@mantine/core';
import { useView } from '../../client/view.ts';
import type { AuditView } from './view.ts';

const TYPING_MS = 400;

/** A word the trail is narrowed by; the server matches whole names, so it is asked when typing pauses. */
export function AuditWord({ name, label, width }: { name: 'actor'; label: string; width: number }): ReactNode {
  const [view, change] = useView<AuditView>();
  const held = view[name] ?? '';
  const [typed, setTyped] = useState(held);
  useEffect(() => setTyped(held), [held]);
  useEffect(() => {
    if (typed === held) return undefined;
    const timer = setTimeout(() => change({ [name]: typed === '' ? undefined : typed }, { replace: true }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, held, name, change]);
  return (
    <TextInput
      w={width}
      aria-label={label}
      placeholder={label}
      maxLength={64}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
    />
  );
}
