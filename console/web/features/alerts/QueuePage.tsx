import type { ReactNode } from 'react';
import { EmptyState } from '../../ui/states.tsx';
import { useWords } from './words.ts';

export function QueuePage(): ReactNode {
  return <EmptyState title={useWords()('title')} />;
}
